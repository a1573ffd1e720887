"""Users, groups and their policies; and that identity policies decide."""

import json

from asserting import denied, has, near, pages, refused, same, without_doubles
from checks import group
from material import create
from people import allow, document, put_user_policy, root, statement, text, user

check = group("IAM", service="iam")

PAGING = {"marker": "Marker", "truncated": "IsTruncated", "limit": "MaxItems"}


@check("I04", "ListUsers/Roles/Groups paginated")
def lists(aws):
    iam, account = aws.iam, aws.account()
    trust = text(statement("Allow", "sts:AssumeRole", principal=root(account), resource=None))
    for number in range(7):
        path = "/even/" if number % 2 == 0 else "/odd/"
        iam.create_user(UserName=f"u{number}", Path=path)
        iam.create_role(RoleName=f"r{number}", Path=path, AssumeRolePolicyDocument=trust)
        iam.create_group(GroupName=f"g{number}", Path=path)
    for ask, member, letter, name in (
        (iam.list_users, "Users", "u", "UserName"),
        (iam.list_roles, "Roles", "r", "RoleName"),
        (iam.list_groups, "Groups", "g", "GroupName"),
    ):
        wanted = {f"{letter}{number}" for number in range(7)}
        for size in (1, 3, None):
            listed = pages(ask, member, size=size, **PAGING)
            found = without_doubles(listed, name)
            assert wanted <= found, f"{member} with MaxItems={size}: {wanted - found} missing"
        even = pages(ask, member, size=2, PathPrefix="/even/", **PAGING)
        same({entry[name] for entry in even}, {f"{letter}{number}" for number in (0, 2, 4, 6)}, f"{member} below /even/")
        refused("ValidationError", ask, wrong=True, MaxItems=0)
        refused("ValidationError", ask, wrong=True, MaxItems=1001)


@check("I05", "User and group policies, GetGroup members, ListGroupsForUser, access keys")
def users_and_groups(aws):
    iam = aws.iam
    made = iam.create_user(UserName="Ada", Path="/staff/", Tags=[{"Key": "desk", "Value": "7"}])["User"]
    has(made, UserName="Ada", Arn=f"arn:aws:iam::{aws.account()}:user/staff/Ada", Tags=[{"Key": "desk", "Value": "7"}])
    assert made["UserId"].startswith("AIDA"), made["UserId"]
    same(iam.get_user(UserName="Ada")["User"]["UserId"], made["UserId"])
    refused("EntityAlreadyExists", iam.create_user, UserName="ada")
    one, other = json.dumps(allow("kms:Encrypt")), json.dumps(allow("kms:Decrypt"))
    iam.put_user_policy(UserName="Ada", PolicyName="own", PolicyDocument=one)
    same(iam.get_user_policy(UserName="Ada", PolicyName="own")["PolicyDocument"], allow("kms:Encrypt"))
    same(iam.list_user_policies(UserName="Ada")["PolicyNames"], ["own"])
    iam.attach_user_policy(UserName="Ada", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    same(iam.list_attached_user_policies(UserName="Ada")["AttachedPolicies"][0]["PolicyName"], "ReadOnlyAccess")
    iam.create_group(GroupName="Custodians")
    refused("EntityAlreadyExists", iam.create_group, GroupName="Custodians")
    iam.put_group_policy(GroupName="Custodians", PolicyName="theirs", PolicyDocument=other)
    same(iam.get_group_policy(GroupName="Custodians", PolicyName="theirs")["PolicyDocument"], allow("kms:Decrypt"))
    same(iam.list_group_policies(GroupName="Custodians")["PolicyNames"], ["theirs"])
    iam.attach_group_policy(GroupName="Custodians", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    same(len(iam.list_attached_group_policies(GroupName="Custodians")["AttachedPolicies"]), 1)
    for name in ("Bob", "Cyd"):
        iam.create_user(UserName=name)
    for name in ("Ada", "Bob", "Cyd"):
        iam.add_user_to_group(GroupName="Custodians", UserName=name)
    members = pages(iam.get_group, "Users", size=2, GroupName="Custodians", **PAGING)
    same(sorted(entry["UserName"] for entry in members), ["Ada", "Bob", "Cyd"])
    same(iam.get_group(GroupName="Custodians")["Group"]["GroupName"], "Custodians")
    same([entry["GroupName"] for entry in iam.list_groups_for_user(UserName="Ada")["Groups"]], ["Custodians"])
    iam.remove_user_from_group(GroupName="Custodians", UserName="Bob")
    same(iam.list_groups_for_user(UserName="Bob")["Groups"], [])
    refused("DeleteConflict", iam.delete_group, GroupName="Custodians")
    refused("NoSuchEntity", iam.add_user_to_group, GroupName="Custodians", UserName="nobody")
    refused("NoSuchEntity", iam.get_group, GroupName="Nobodies")

    keys = [iam.create_access_key(UserName="Ada")["AccessKey"] for _ in range(2)]
    for key in keys:
        has(key, UserName="Ada", Status="Active")
        assert key["AccessKeyId"].startswith("AKIA") and len(key["SecretAccessKey"]) == 40, key["AccessKeyId"]
    refused("LimitExceeded", iam.create_access_key, UserName="Ada")
    listed = iam.list_access_keys(UserName="Ada")["AccessKeyMetadata"]
    same({key["AccessKeyId"] for key in listed}, {key["AccessKeyId"] for key in keys})
    assert all("SecretAccessKey" not in key for key in listed)
    as_ada = aws.client("sts", credentials=keys[0])
    same(as_ada.get_caller_identity()["Arn"], made["Arn"])
    used = iam.get_access_key_last_used(AccessKeyId=keys[0]["AccessKeyId"])
    has(used, UserName="Ada")
    near(used["AccessKeyLastUsed"]["LastUsedDate"], aws.now())
    iam.update_access_key(UserName="Ada", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    refused("InvalidClientTokenId", as_ada.get_caller_identity)
    wrong = {**keys[1], "SecretAccessKey": "x" * 40}
    refused("SignatureDoesNotMatch", aws.client("sts", "us-east-1", wrong).get_caller_identity)
    refused("DeleteConflict", iam.delete_user, UserName="Ada")
    for key in keys:
        iam.delete_access_key(UserName="Ada", AccessKeyId=key["AccessKeyId"])
    refused("InvalidClientTokenId", aws.client("sts", credentials=keys[1]).get_caller_identity)
    iam.delete_user_policy(UserName="Ada", PolicyName="own")
    iam.detach_user_policy(UserName="Ada", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    refused("DeleteConflict", iam.delete_user, UserName="Ada")
    iam.remove_user_from_group(GroupName="Custodians", UserName="Ada")
    iam.delete_user(UserName="Ada")
    refused("NoSuchEntity", iam.get_user, UserName="Ada")


@check("I09", "Identity policies enforced (IAM user without permissions is refused, then allowed)")
def enforced(aws):
    iam, someone = aws.iam, user(aws)
    kms, own_iam, key = someone.kms, someone.client("iam"), create(aws.kms)
    assert someone.client("sts").get_caller_identity()["Arn"] == someone.arn
    for ask, said in (
        (kms.list_keys, {}),
        (kms.create_key, {}),
        (kms.describe_key, {"KeyId": key}),
        (own_iam.list_users, {}),
        (own_iam.create_user, {"UserName": "another"}),
    ):
        denied(ask, **said)
    someone.may("kms:List*")
    kms.list_keys()
    denied(kms.create_key)
    someone.may("iam:GetUser", resource=someone.arn)
    same(own_iam.get_user()["User"]["UserName"], someone.name)
    denied(own_iam.list_users)
    denied(kms.list_keys)
    # By way of a group, a managed policy, and never against an explicit Deny.
    iam.create_group(GroupName="Users-of-keys")
    iam.put_group_policy(GroupName="Users-of-keys", PolicyName="p", PolicyDocument=json.dumps(allow("kms:Encrypt")))
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    iam.add_user_to_group(GroupName="Users-of-keys", UserName=someone.name)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    put_user_policy(iam, someone.name, document(statement("Deny", "kms:Encrypt")))
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    iam.delete_user_policy(UserName=someone.name, PolicyName="only")
    policy = iam.create_policy(PolicyName="Describing", PolicyDocument=json.dumps(allow("kms:DescribeKey")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=someone.name, PolicyArn=policy)
    kms.describe_key(KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    # A permissions boundary caps what policies allow.
    iam.put_user_permissions_boundary(UserName=someone.name, PermissionsBoundary=policy)
    kms.describe_key(KeyId=key)
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    boundary = iam.get_user(UserName=someone.name)["User"]["PermissionsBoundary"]
    has(boundary, PermissionsBoundaryArn=policy)
    iam.delete_user_permissions_boundary(UserName=someone.name)
    kms.encrypt(KeyId=key, Plaintext=b"x")
