"""Key policies: stored, refused, and enforced together with identity policies."""

import json

from asserting import denied, has, refused, same, state
from checks import group
from material import arn, create, round_trip
from people import admin, document, put_user_policy, role, root, session, statement, text, user
from place import HERE, THERE, Place

check = group("Key policies")

MALFORMED = "MalformedPolicyDocumentException"


def caller(aws):
    return aws.sts.get_caller_identity()["Arn"]


@check("K50", "Put/GetKeyPolicy round trip; default policy")
def round_trips(aws):
    kms, account = aws.kms, aws.account()
    key = create(kms)
    default = kms.get_key_policy(KeyId=key, PolicyName="default")
    same(default.get("PolicyName"), "default")
    (only,) = json.loads(default["Policy"])["Statement"]
    has(only, Effect="Allow", Action="kms:*", Resource="*", Principal={"AWS": root(account)})
    same(kms.list_key_policies(KeyId=key)["PolicyNames"], ["default"])
    written = text(admin(account), statement("Allow", "kms:DescribeKey", principal=root(account)))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=written)
    same(json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]), json.loads(written))
    own = create(kms, Policy=written)
    same(json.loads(kms.get_key_policy(KeyId=own, PolicyName="default")["Policy"]), json.loads(written))
    refused("NotFoundException", kms.get_key_policy, KeyId=key, PolicyName="another")


@check("K50b", "PolicyName may be left out of Get/PutKeyPolicy")
def without_name(aws):
    kms, account = aws.kms, aws.account()
    key = create(kms)
    written = text(admin(account))
    kms.put_key_policy(KeyId=key, Policy=written)
    answer = kms.get_key_policy(KeyId=key)
    same(json.loads(answer["Policy"]), json.loads(written))
    same(answer.get("PolicyName"), "default")


@check("K51", "Malformed key policy -> MalformedPolicyDocumentException")
def malformed(aws):
    kms, account = aws.kms, aws.account()
    key = create(kms)
    before = kms.get_key_policy(KeyId=key)["Policy"]
    right = admin(account)
    for wrong in (
        "not JSON",
        "[]",
        "{}",
        json.dumps({"Version": "2012-10-17"}),
        json.dumps({"Version": "2013-01-01", "Statement": [right]}),
        text({**right, "Effect": "Perhaps"}),
        text(right, {name: right[name] for name in ("Effect", "Action", "Resource")}),
        text(right, {name: right[name] for name in ("Principal", "Action", "Resource")}),
        json.dumps({**document(right), "Extra": 1}),
    ):
        refused(MALFORMED, kms.put_key_policy, KeyId=key, Policy=wrong)
        refused(MALFORMED, kms.create_key, Policy=wrong)
    for nobody in (
        f"arn:aws:iam::{account}:user/nobody-of-this-name",
        f"arn:aws:iam::{account}:role/nobody-of-this-name",
        "AIDAAAAAAAAAAAAAAAAAA",
        "not a principal",
    ):
        lost = text(right, statement("Allow", "kms:DescribeKey", principal=nobody))
        refused(MALFORMED, kms.put_key_policy, KeyId=key, Policy=lost)
        refused(MALFORMED, kms.create_key, Policy=lost)
    same(kms.get_key_policy(KeyId=key)["Policy"], before, "the policy after all refusals")
    long = text(right, *[statement("Allow", "kms:DescribeKey", principal=root(account)) for _ in range(300)])
    assert 32 * 1024 < len(long) < 131_072
    refused("LimitExceededException", kms.put_key_policy, KeyId=key, Policy=long)


@check("K52", "Lockout safety check; Bypass accepted")
def lockout(aws):
    kms, account = aws.kms, aws.account()
    key, other = create(kms), user(aws)
    locked = text(statement("Allow", "kms:*", principal=other.arn))
    blind = text(statement("Allow", "kms:Describe*", "kms:Get*", principal=root(account)))
    denies = text(admin(account), statement("Deny", "kms:PutKeyPolicy", principal=root(account)))
    for policy in (locked, blind, denies):
        refused(MALFORMED, kms.put_key_policy, KeyId=key, Policy=policy)
        refused(MALFORMED, kms.create_key, Policy=policy)
    named = text(statement("Allow", "kms:*", principal=caller(aws)))
    kms.put_key_policy(KeyId=key, Policy=named)
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    denied(kms.get_key_policy, KeyId=key)
    denied(kms.put_key_policy, KeyId=key, Policy=named)
    same(other.kms.get_key_policy(KeyId=key)["Policy"], locked)
    made = create(kms, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    denied(kms.describe_key, KeyId=made)
    same(state(other.kms, made), "Enabled")


@check("K53", "Key policy is enforced: explicit Deny kms:Encrypt to an IAM user with kms:*")
def explicit_deny(aws):
    kms, account = aws.kms, aws.account()
    someone, key = user(aws, "kms:*"), create(kms)
    round_trip(someone.kms, key)
    policy = text(admin(account), statement("Deny", "kms:Encrypt", principal=someone.arn))
    kms.put_key_policy(KeyId=key, Policy=policy)
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    same(someone.kms.decrypt(CiphertextBlob=round_trip(kms, key))["Plaintext"], b"one message")
    someone.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.put_key_policy(KeyId=key, Policy=text(admin(account)))
    round_trip(someone.kms, key)


@check("K53b", "Key policy without the account root: an IAM user with kms:* that it does not name is refused")
def without_root(aws):
    kms = aws.kms
    someone = user(aws, "kms:*")
    key = create(kms, Policy=text(statement("Allow", "kms:*", principal=caller(aws))))
    blob = round_trip(kms, key)
    denied(someone.kms.describe_key, KeyId=key)
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    denied(someone.kms.decrypt, CiphertextBlob=blob)
    denied(someone.kms.put_key_policy, KeyId=key, Policy=text(admin(aws.account())))
    denied(someone.kms.schedule_key_deletion, KeyId=key)
    same(state(kms, key), "Enabled")


@check("K53c", "Key policy alone lets a named IAM user in (no identity policy)")
def named_alone(aws):
    kms, account = aws.kms, aws.account()
    someone, key = user(aws), create(kms)
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    policy = text(admin(account), statement("Allow", "kms:Encrypt", "kms:DescribeKey", principal=someone.arn))
    kms.put_key_policy(KeyId=key, Policy=policy)
    blob = someone.kms.encrypt(KeyId=key, Plaintext=b"by key policy")["CiphertextBlob"]
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"by key policy")
    same(state(someone.kms, key), "Enabled")
    denied(someone.kms.decrypt, CiphertextBlob=blob)
    denied(someone.kms.create_key)
    # An identity policy that denies it wins over the key policy.
    put_user_policy(aws.iam, someone.name, document(statement("Deny", "kms:Encrypt")))
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")


@check("E14", "Conditions of key policies: encryption context, ViaService, key usage, principal ARN")
def conditions(aws):
    kms, account = aws.kms, aws.account()
    someone, key = user(aws), create(kms)
    condition = {"StringEquals": {"kms:EncryptionContext:project": "byok"}}
    ours = statement("Allow", "kms:Encrypt", "kms:Decrypt", principal=someone.arn, conditions=condition)
    kms.put_key_policy(KeyId=key, Policy=text(admin(account), ours))
    context = {"EncryptionContext": {"project": "byok"}}
    blob = round_trip(someone.kms, key, **context)
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"project": "other"})
    same(kms.decrypt(CiphertextBlob=blob, **context)["Plaintext"], b"one message")
    via = {"StringEquals": {"kms:ViaService": f"s3.{HERE}.amazonaws.com"}}
    kms.put_key_policy(KeyId=key, Policy=text(admin(account), {**ours, "Condition": via}))
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x", **context)
    same_user = {"ArnEquals": {"aws:PrincipalArn": someone.arn}, "StringEquals": {"kms:CallerAccount": account}}
    everybody = statement("Allow", "kms:Encrypt", principal="*", conditions=same_user)
    kms.put_key_policy(KeyId=key, Policy=text(admin(account), everybody))
    someone.kms.encrypt(KeyId=key, Plaintext=b"x")
    denied(user(aws).kms.encrypt, KeyId=key, Plaintext=b"x")
    deny_period = statement(
        "Deny",
        "kms:ScheduleKeyDeletion",
        principal="*",
        conditions={"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}},
    )
    kms.put_key_policy(KeyId=key, Policy=text(admin(account), deny_period))
    denied(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)


@check("E15", "Roles and their sessions in key policies; a deleted principal does not come back by its name")
def roles(aws):
    kms, account = aws.kms, aws.account()
    key = create(kms)
    arn_of_role = role(aws, root(account))
    credentials = session(aws.sts, arn_of_role)
    as_role = aws.client("kms", HERE, credentials)
    denied(as_role.encrypt, KeyId=key, Plaintext=b"x")
    policy = text(admin(account), statement("Allow", "kms:Encrypt", principal=arn_of_role))
    kms.put_key_policy(KeyId=key, Policy=policy)
    as_role.encrypt(KeyId=key, Plaintext=b"x")
    same(json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"][1]["Principal"]["AWS"], arn_of_role)
    name = arn_of_role.rsplit("/", 1)[1]
    role_id = aws.iam.get_role(RoleName=name)["Role"]["RoleId"]
    aws.iam.delete_role(RoleName=name)
    shown = json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"][1]["Principal"]["AWS"]
    same(shown, role_id, "a deleted role in the key policy")
    trust = text(statement("Allow", "sts:AssumeRole", principal=root(account), resource=None))
    aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    again = aws.client("kms", HERE, session(aws.sts, arn_of_role))
    denied(again.encrypt, KeyId=key, Plaintext=b"x")


@check("E16", "A key of another account: both accounts must allow it, and only what may cross accounts does")
def across_accounts(aws):
    other = Place(aws.server, aws.record)
    account, theirs = aws.account(), other.account()
    assert account != theirs, "the server knows one account only"
    key = create(aws.kms)
    address = arn(account, key)
    denied(other.kms.encrypt, KeyId=address, Plaintext=b"x")
    shared = statement(
        "Allow", "kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ScheduleKeyDeletion", principal=root(theirs)
    )
    aws.kms.put_key_policy(KeyId=key, Policy=text(admin(account), shared))
    blob = other.kms.encrypt(KeyId=address, Plaintext=b"shared")["CiphertextBlob"]
    same(other.kms.decrypt(CiphertextBlob=blob, KeyId=address)["Plaintext"], b"shared")
    same(other.kms.describe_key(KeyId=address)["KeyMetadata"]["AWSAccountId"], account)
    denied(other.kms.generate_data_key, KeyId=address, KeySpec="AES_256")
    refused(("AccessDeniedException", "NotFoundException"), other.kms.schedule_key_deletion, KeyId=address)
    refused("NotFoundException", other.kms.encrypt, KeyId=key, Plaintext=b"x")
    guest = user(other)
    denied(guest.kms.encrypt, KeyId=address, Plaintext=b"x")
    guest.may("kms:Encrypt", resource=address)
    guest.kms.encrypt(KeyId=address, Plaintext=b"x")
    same(aws.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"shared")


@check("E17", "Identity policies name keys by ARN, by Region and by alias")
def identity_resources(aws):
    kms, account = aws.kms, aws.account()
    one, other = create(kms), create(kms)
    someone = user(aws)
    someone.may("kms:Encrypt", resource=arn(account, one))
    someone.kms.encrypt(KeyId=one, Plaintext=b"x")
    denied(someone.kms.encrypt, KeyId=other, Plaintext=b"x")
    someone.may("kms:*", resource=f"arn:aws:kms:{HERE}:{account}:key/*")
    someone.kms.encrypt(KeyId=other, Plaintext=b"x")
    key = create(aws.kms_in(THERE))
    denied(someone.client("kms", THERE).encrypt, KeyId=key, Plaintext=b"x")
    alias = f"alias/{one}"
    kms.create_alias(AliasName=alias, TargetKeyId=one)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    someone.may("kms:Encrypt", conditions=condition)
    someone.kms.encrypt(KeyId=one, Plaintext=b"x")
    denied(someone.kms.encrypt, KeyId=other, Plaintext=b"x")
    kms.tag_resource(KeyId=other, Tags=[{"TagKey": "stage", "TagValue": "test"}])
    someone.may("kms:Encrypt", conditions={"StringEquals": {"aws:ResourceTag/stage": "test"}})
    someone.kms.encrypt(KeyId=other, Plaintext=b"x")
    denied(someone.kms.encrypt, KeyId=one, Plaintext=b"x")
