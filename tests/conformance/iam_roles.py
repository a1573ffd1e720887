"""Roles: trust, policies of all three kinds, sessions."""

import json

from asserting import denied, has, near, pages, refused, same
from checks import group
from material import create
from people import allow, document, role, root, session, statement, text, unique, user
from place import HERE

check = group("IAM")

MALFORMED = "MalformedPolicyDocument"


def trust(account, **conditions):
    return document(
        statement("Allow", "sts:AssumeRole", principal=root(account), resource=None, conditions=conditions or None)
    )


@check("I01", "CreateRole with ExternalId trust, GetRole, UpdateAssumeRolePolicy, tags")
def created(aws):
    iam, account, name = aws.iam, aws.account(), unique("Guarded")
    guarded = trust(account, StringEquals={"sts:ExternalId": "the-secret-word"})
    made = iam.create_role(
        RoleName=name,
        Path="/byok/",
        AssumeRolePolicyDocument=json.dumps(guarded),
        Description="guards",
        MaxSessionDuration=7200,
        Tags=[{"Key": "team", "Value": "security"}],
    )["Role"]
    shown = iam.get_role(RoleName=name)["Role"]
    for each in (made, shown):
        has(
            each,
            RoleName=name,
            Path="/byok/",
            Arn=f"arn:aws:iam::{account}:role/byok/{name}",
            Description="guards",
        )
        has(each, MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "security"}])
        same(each["AssumeRolePolicyDocument"], guarded)
        assert each["RoleId"].startswith("AROA"), each["RoleId"]
        near(each["CreateDate"], aws.now())
    refused("EntityAlreadyExists", iam.create_role, RoleName=name, AssumeRolePolicyDocument=json.dumps(guarded))
    asked = {"RoleArn": made["Arn"], "RoleSessionName": "first"}
    for more in ({}, {"ExternalId": "another"}):
        denied(aws.sts.assume_role, **asked, **more)
    credentials = aws.sts.assume_role(**asked, ExternalId="the-secret-word")["Credentials"]
    same(
        aws.client("sts", HERE, credentials).get_caller_identity()["Arn"],
        f"arn:aws:sts::{account}:assumed-role/{name}/first",
    )
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust(account)))
    same(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], trust(account))
    aws.sts.assume_role(**asked)
    iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "keys"}, {"Key": "stage", "Value": ""}])
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=name)["Tags"]}
    same(tags, {"team": "keys", "stage": ""})
    iam.untag_role(RoleName=name, TagKeys=["team"])
    same(iam.list_role_tags(RoleName=name)["Tags"], [{"Key": "stage", "Value": ""}])
    iam.update_role(RoleName=name, Description="guards still", MaxSessionDuration=3600)
    has(iam.get_role(RoleName=name)["Role"], Description="guards still", MaxSessionDuration=3600)
    refused("ValidationError", aws.sts.assume_role, **asked, DurationSeconds=3601)
    iam.delete_role(RoleName=name)
    refused("NoSuchEntity", iam.get_role, RoleName=name)


@check("I02", "Malformed trust and identity policies -> MalformedPolicyDocument")
def malformed(aws):
    iam, account, name = aws.iam, aws.account(), unique("Sound")
    good = trust(account)
    someone = user(aws)
    right = statement("Allow", "kms:Encrypt")
    for wrong in (
        "not JSON",
        "{}",
        json.dumps({**good, "Version": "2013-01-01"}),
        text({**good["Statement"][0], "Effect": "Perhaps"}),
        text({name: value for name, value in good["Statement"][0].items() if name != "Principal"}),
        text({**good["Statement"][0], "Resource": "*"}),
        text({**good["Statement"][0], "Principal": {"AWS": f"arn:aws:iam::{account}:user/nobody-of-this-name"}}),
        text({**{k: v for k, v in good["Statement"][0].items() if k != "Principal"}, "NotPrincipal": {"AWS": root(account)}}),
        text({**good["Statement"][0], "Condition": {"StringSortOf": {"sts:ExternalId": "x"}}}),
    ):
        refused(MALFORMED, iam.create_role, RoleName=f"{name}-not", AssumeRolePolicyDocument=wrong)
    refused("NoSuchEntity", iam.get_role, RoleName=f"{name}-not")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(good))
    refused(MALFORMED, iam.update_assume_role_policy, RoleName=name, PolicyDocument="{}")
    same(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], good)
    for wrong in (
        "not JSON",
        "{}",
        text({**right, "Effect": "Perhaps"}),
        text({**right, "Principal": {"AWS": root(account)}}),
        text({name: value for name, value in right.items() if name != "Resource"}),
        text({name: value for name, value in right.items() if name != "Action"}),
        text({**right, "Action": "no-colon"}),
        text({**right, "Resource": "not-an-arn"}),
        text({**right, "Extra": 1}),
    ):
        refused(MALFORMED, iam.put_user_policy, UserName=someone.name, PolicyName="p", PolicyDocument=wrong)
        refused(MALFORMED, iam.put_role_policy, RoleName=name, PolicyName="p", PolicyDocument=wrong)
        refused(MALFORMED, iam.create_policy, PolicyName="p", PolicyDocument=wrong)
    same(iam.list_user_policies(UserName=someone.name)["PolicyNames"], [])


@check("I03", "Role policies: inline, AWS managed, customer managed; DeleteRole conflict")
def three_kinds(aws):
    iam, account = aws.iam, aws.account()
    arn = role(aws, root(account))
    name, policy_name, key = arn.rsplit("/", 1)[1], unique("Encrypting"), create(aws.kms)
    kms = aws.client("kms", HERE, session(aws.sts, arn))
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    inline = allow("kms:Encrypt")
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(inline))
    kms.encrypt(KeyId=key, Plaintext=b"x")
    same(iam.list_role_policies(RoleName=name)["PolicyNames"], ["inline"])
    same(iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"], inline)
    refused("NoSuchEntity", iam.get_role_policy, RoleName=name, PolicyName="another")
    refused("DeleteConflict", iam.delete_role, RoleName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")

    made = iam.create_policy(PolicyName=policy_name, Path="/byok/", PolicyDocument=json.dumps(inline))["Policy"]
    has(
        made,
        Arn=f"arn:aws:iam::{account}:policy/byok/{policy_name}",
        DefaultVersionId="v1",
        AttachmentCount=0,
        IsAttachable=True,
    )
    iam.attach_role_policy(RoleName=name, PolicyArn=made["Arn"])
    kms.encrypt(KeyId=key, Plaintext=b"x")
    same(iam.get_policy(PolicyArn=made["Arn"])["Policy"]["AttachmentCount"], 1)
    same(iam.list_entities_for_policy(PolicyArn=made["Arn"])["PolicyRoles"][0]["RoleName"], name)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=made["Arn"])
    refused("DeleteConflict", iam.delete_role, RoleName=name)
    # A new default version counts at once, the old one can come back.
    second = iam.create_policy_version(
        PolicyArn=made["Arn"], PolicyDocument=json.dumps(allow("kms:DescribeKey")), SetAsDefault=True
    )
    same(second["PolicyVersion"]["VersionId"], "v2")
    denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    same(iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]["Document"], inline)
    refused("DeleteConflict", iam.delete_policy_version, PolicyArn=made["Arn"], VersionId="v2")
    iam.set_default_policy_version(PolicyArn=made["Arn"], VersionId="v1")
    kms.encrypt(KeyId=key, Plaintext=b"x")

    managed = "arn:aws:iam::aws:policy/AdministratorAccess"
    document_of = iam.get_policy(PolicyArn=managed)["Policy"]
    has(document_of, PolicyName="AdministratorAccess", Arn=managed)
    version = iam.get_policy_version(PolicyArn=managed, VersionId=document_of["DefaultVersionId"])[
        "PolicyVersion"
    ]["Document"]
    has(version["Statement"][0], Effect="Allow", Action="*", Resource="*")
    iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    kms.schedule_key_deletion(KeyId=key)
    attached = {entry["PolicyArn"] for entry in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
    same(attached, {made["Arn"], managed})
    refused(
        "NoSuchEntity", iam.attach_role_policy, RoleName=name, PolicyArn="arn:aws:iam::aws:policy/NobodyWroteThis"
    )
    for policy in attached:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    refused("NoSuchEntity", iam.detach_role_policy, RoleName=name, PolicyArn=managed)
    denied(kms.list_keys)
    iam.delete_policy_version(PolicyArn=made["Arn"], VersionId="v2")
    iam.delete_policy(PolicyArn=made["Arn"])
    refused("NoSuchEntity", iam.get_policy, PolicyArn=made["Arn"])
    iam.delete_role(RoleName=name)


@check("E26", "Policies listed by scope, path and use; at most five versions")
def customer_managed(aws):
    iam, name = aws.iam, unique("P")
    made = [
        iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=json.dumps(allow("kms:*")))["Policy"][
            "Arn"
        ]
        for number in range(5)
    ]
    paging = {"marker": "Marker", "truncated": "IsTruncated", "limit": "MaxItems"}
    listed = pages(iam.list_policies, "Policies", size=2, Scope="Local", **paging)
    same([entry["Arn"] for entry in listed if name in entry["Arn"]], made, "customer managed policies")
    assert any(
        entry["PolicyName"] == "AdministratorAccess"
        for entry in pages(iam.list_policies, "Policies", Scope="AWS", **paging)
    )
    attached = iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]
    assert not {entry["Arn"] for entry in attached} & set(made), attached
    for _ in range(4):
        iam.create_policy_version(PolicyArn=made[0], PolicyDocument=json.dumps(allow("kms:*")))
    refused(
        "LimitExceeded", iam.create_policy_version, PolicyArn=made[0], PolicyDocument=json.dumps(allow("kms:*"))
    )
    versions = iam.list_policy_versions(PolicyArn=made[0])["Versions"]
    same(sorted(entry["VersionId"] for entry in versions), ["v1", "v2", "v3", "v4", "v5"])
    same([entry["VersionId"] for entry in versions if entry["IsDefaultVersion"]], ["v1"])


@check("E27", "Sessions: tagged names, a session policy narrows them, they end in time", moves_clock=True)
def sessions(aws):
    account, key = aws.account(), create(aws.kms)
    arn = role(aws, root(account), "kms:*")
    narrow = json.dumps(allow("kms:Encrypt"))
    kms = aws.client("kms", HERE, session(aws.sts, arn, Policy=narrow, DurationSeconds=900))
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    denied(kms.decrypt, CiphertextBlob=blob)
    wide = aws.client("kms", HERE, session(aws.sts, arn, DurationSeconds=3600))
    same(wide.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
    aws.advance(minutes=16)
    refused("ExpiredTokenException", kms.encrypt, KeyId=key, Plaintext=b"x")
    wide.encrypt(KeyId=key, Plaintext=b"x")
    refused(
        "AccessDenied", aws.sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/nobody", RoleSessionName="first"
    )
