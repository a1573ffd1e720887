"""Users, groups and their policies; and that identity policies decide."""

import json

from asserting import denied, has, near, pages, refused, same, without_doubles
from checks import group
from material import create
from people import allow, document, put_user_policy, root, statement, text, unique, user

check = group("IAM")

PAGING = {"marker": "Marker", "truncated": "IsTruncated", "limit": "MaxItems"}


@check("I04", "ListUsers/Roles/Groups paginated")
def lists(aws):
    iam, account, word = aws.iam, aws.account(), unique("n")
    trust = text(statement("Allow", "sts:AssumeRole", principal=root(account), resource=None))
    for number in range(7):
        path = f"/{word}/" if number % 2 == 0 else "/odd/"
        iam.create_user(UserName=f"u-{word}-{number}", Path=path)
        iam.create_role(RoleName=f"r-{word}-{number}", Path=path, AssumeRolePolicyDocument=trust)
        iam.create_group(GroupName=f"g-{word}-{number}", Path=path)
    for ask, member, letter, name in (
        (iam.list_users, "Users", "u", "UserName"),
        (iam.list_roles, "Roles", "r", "RoleName"),
        (iam.list_groups, "Groups", "g", "GroupName"),
    ):
        wanted = {f"{letter}-{word}-{number}" for number in range(7)}
        for size in (1, 3, None):
            listed = pages(ask, member, size=size, **PAGING)
            found = without_doubles(listed, name)
            assert wanted <= found, f"{member} with MaxItems={size}: {wanted - found} missing"
        even = pages(ask, member, size=2, PathPrefix=f"/{word}/", **PAGING)
        same(
            {entry[name] for entry in even},
            {f"{letter}-{word}-{number}" for number in (0, 2, 4, 6)},
            f"{member} below a path",
        )
        refused("ValidationError", ask, wrong=True, MaxItems=0)
        refused("ValidationError", ask, wrong=True, MaxItems=1001)


@check("I05", "User and group policies, GetGroup members, ListGroupsForUser, access keys")
def users_and_groups(aws):
    iam = aws.iam
    ada, bob, cyd, custodians = (unique(word) for word in ("Ada", "Bob", "Cyd", "Custodians"))
    made = iam.create_user(UserName=ada, Path="/staff/", Tags=[{"Key": "desk", "Value": "7"}])["User"]
    has(
        made,
        UserName=ada,
        Arn=f"arn:aws:iam::{aws.account()}:user/staff/{ada}",
        Tags=[{"Key": "desk", "Value": "7"}],
    )
    assert made["UserId"].startswith("AIDA"), made["UserId"]
    same(iam.get_user(UserName=ada)["User"]["UserId"], made["UserId"])
    refused("EntityAlreadyExists", iam.create_user, UserName=ada.lower())
    one, other = json.dumps(allow("kms:Encrypt")), json.dumps(allow("kms:Decrypt"))
    iam.put_user_policy(UserName=ada, PolicyName="own", PolicyDocument=one)
    same(iam.get_user_policy(UserName=ada, PolicyName="own")["PolicyDocument"], allow("kms:Encrypt"))
    same(iam.list_user_policies(UserName=ada)["PolicyNames"], ["own"])
    iam.attach_user_policy(UserName=ada, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    same(iam.list_attached_user_policies(UserName=ada)["AttachedPolicies"][0]["PolicyName"], "ReadOnlyAccess")
    iam.create_group(GroupName=custodians)
    refused("EntityAlreadyExists", iam.create_group, GroupName=custodians)
    iam.put_group_policy(GroupName=custodians, PolicyName="theirs", PolicyDocument=other)
    same(iam.get_group_policy(GroupName=custodians, PolicyName="theirs")["PolicyDocument"], allow("kms:Decrypt"))
    same(iam.list_group_policies(GroupName=custodians)["PolicyNames"], ["theirs"])
    iam.attach_group_policy(GroupName=custodians, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    same(len(iam.list_attached_group_policies(GroupName=custodians)["AttachedPolicies"]), 1)
    for name in (bob, cyd):
        iam.create_user(UserName=name)
    for name in (ada, bob, cyd):
        iam.add_user_to_group(GroupName=custodians, UserName=name)
    members = pages(iam.get_group, "Users", size=2, GroupName=custodians, **PAGING)
    same(sorted(entry["UserName"] for entry in members), [ada, bob, cyd])
    same(iam.get_group(GroupName=custodians)["Group"]["GroupName"], custodians)
    same([entry["GroupName"] for entry in iam.list_groups_for_user(UserName=ada)["Groups"]], [custodians])
    iam.remove_user_from_group(GroupName=custodians, UserName=bob)
    same(iam.list_groups_for_user(UserName=bob)["Groups"], [])
    refused("DeleteConflict", iam.delete_group, GroupName=custodians)
    refused("NoSuchEntity", iam.add_user_to_group, GroupName=custodians, UserName="nobody")
    refused("NoSuchEntity", iam.get_group, GroupName="Nobodies")

    keys = [iam.create_access_key(UserName=ada)["AccessKey"] for _ in range(2)]
    for key in keys:
        has(key, UserName=ada, Status="Active")
        assert key["AccessKeyId"].startswith("AKIA") and len(key["SecretAccessKey"]) == 40, key["AccessKeyId"]
    refused("LimitExceeded", iam.create_access_key, UserName=ada)
    listed = iam.list_access_keys(UserName=ada)["AccessKeyMetadata"]
    same({key["AccessKeyId"] for key in listed}, {key["AccessKeyId"] for key in keys})
    assert all("SecretAccessKey" not in key for key in listed)
    as_ada = aws.client("sts", credentials=keys[0])
    same(as_ada.get_caller_identity()["Arn"], made["Arn"])
    used = iam.get_access_key_last_used(AccessKeyId=keys[0]["AccessKeyId"])
    has(used, UserName=ada)
    near(used["AccessKeyLastUsed"]["LastUsedDate"], aws.now())
    iam.update_access_key(UserName=ada, AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    refused("InvalidClientTokenId", as_ada.get_caller_identity)
    wrong = {**keys[1], "SecretAccessKey": "x" * 40}
    refused("SignatureDoesNotMatch", aws.client("sts", "us-east-1", wrong).get_caller_identity)
    refused("DeleteConflict", iam.delete_user, UserName=ada)
    for key in keys:
        iam.delete_access_key(UserName=ada, AccessKeyId=key["AccessKeyId"])
    refused("InvalidClientTokenId", aws.client("sts", credentials=keys[1]).get_caller_identity)
    iam.delete_user_policy(UserName=ada, PolicyName="own")
    iam.detach_user_policy(UserName=ada, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    refused("DeleteConflict", iam.delete_user, UserName=ada)
    iam.remove_user_from_group(GroupName=custodians, UserName=ada)
    iam.delete_user(UserName=ada)
    refused("NoSuchEntity", iam.get_user, UserName=ada)


@check("I09", "Identity policies enforced (IAM user without permissions is refused, then allowed)")
def enforced(aws):
    iam, someone, group_name, policy_name = aws.iam, user(aws), unique("Users"), unique("Describing")
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
    iam.create_group(GroupName=group_name)
    iam.put_group_policy(GroupName=group_name, PolicyName="p", PolicyDocument=json.dumps(allow("kms:Encrypt")))
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    iam.add_user_to_group(GroupName=group_name, UserName=someone.name)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    put_user_policy(iam, someone.name, document(statement("Deny", "kms:Encrypt")))
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    iam.delete_user_policy(UserName=someone.name, PolicyName="only")
    policy = iam.create_policy(PolicyName=policy_name, PolicyDocument=json.dumps(allow("kms:DescribeKey")))[
        "Policy"
    ]["Arn"]
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
