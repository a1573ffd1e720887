"""STS: who one is, sessions in roles, MFA; and that signatures are looked at."""

import secrets

from asserting import denied, has, near, refused, same, until
from checks import group
from iam_account import code
from material import create
from people import role, root, session, statement, text, unique, user
from place import HERE, Place, Server
from storage import bucket

check = group("STS")


def holder(aws, **credentials):
    """A view of the server with exactly these credentials."""
    server = Server(
        aws.server.name, aws.server.endpoint, credentials["AccessKeyId"], credentials["SecretAccessKey"]
    )
    place = Place(server, aws.record)
    place.credentials = credentials
    return place


@check("T01", "GetCallerIdentity")
def identity(aws):
    account, someone = aws.account(), user(aws)
    shown = someone.client("sts").get_caller_identity()
    user_id = aws.iam.get_user(UserName=someone.name)["User"]["UserId"]
    has(shown, Account=account, Arn=someone.arn, UserId=user_id)
    # It needs no permission, and none can be taken away.
    refusal = text(statement("Deny", "*"))
    aws.iam.put_user_policy(UserName=someone.name, PolicyName="none", PolicyDocument=refusal)
    has(someone.client("sts", "us-west-2").get_caller_identity(), Account=account, Arn=someone.arn)
    if not aws.server.access_key_id:
        assert Place(aws.server, aws.record).account() != account, "two accounts with one number"
        same(account, aws.credentials["AccessKeyId"])


@check("T02", "AssumeRole gives a session whose GetCallerIdentity is the assumed role")
def assumed(aws):
    account = aws.account()
    arn = role(aws, root(account), "kms:ListKeys", MaxSessionDuration=7200)
    name = arn.rsplit("/", 1)[1]
    answer = aws.sts.assume_role(RoleArn=arn, RoleSessionName="ada@example.com", DurationSeconds=7200)
    role_id = aws.iam.get_role(RoleName=name)["Role"]["RoleId"]
    as_session = f"arn:aws:sts::{account}:assumed-role/{name}/ada@example.com"
    has(answer["AssumedRoleUser"], Arn=as_session, AssumedRoleId=f"{role_id}:ada@example.com")
    given = answer["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA"), given["AccessKeyId"]
    lasts = (given["Expiration"] - aws.now()).total_seconds()
    assert 7000 < lasts <= 7205, f"the session lasts {lasts} s"
    shown = aws.client("sts", credentials=given).get_caller_identity()
    has(shown, Account=account, Arn=as_session, UserId=f"{role_id}:ada@example.com")
    aws.client("kms", credentials=given).list_keys()
    denied(aws.client("kms", credentials=given).create_key)
    denied(aws.client("iam", credentials=given).list_users)
    for wrong in (
        {"RoleSessionName": "a b"},
        {"RoleSessionName": "x"},
        {"DurationSeconds": 60},
        {"RoleArn": "role"},
    ):
        asked = {"RoleArn": arn, "RoleSessionName": "good", **wrong}
        refused("ValidationError", aws.sts.assume_role, wrong=True, **asked)
    refused("ValidationError", aws.sts.assume_role, RoleArn=arn, RoleSessionName="good", DurationSeconds=7201)
    # A session in a role that assumes another one is an hour long at most.
    second = role(aws, arn, MaxSessionDuration=7200)
    aws.iam.put_role_policy(
        RoleName=name,
        PolicyName="second",
        PolicyDocument=text(statement("Allow", "sts:AssumeRole", resource=second)),
    )
    chained = aws.client("sts", credentials=given)
    refused("ValidationError", chained.assume_role, RoleArn=second, RoleSessionName="far", DurationSeconds=3700)
    further = session(chained, second)
    has(
        aws.client("sts", credentials=further).get_caller_identity(),
        Arn=f"arn:aws:sts::{account}:assumed-role/{second.rsplit('/', 1)[1]}/session",
    )


@check("T03", "AssumeRole enforces sts:ExternalId")
def external_id(aws):
    word = secrets.token_hex(8)
    arn = role(aws, root(aws.account()), conditions={"StringEquals": {"sts:ExternalId": word}})
    asked = {"RoleArn": arn, "RoleSessionName": "partner"}
    denied(aws.sts.assume_role, **asked)
    for wrong in (f"{word}x", word.upper() + "-", "another"):
        denied(aws.sts.assume_role, **asked, ExternalId=wrong)
    refused("ValidationError", aws.sts.assume_role, wrong=True, **asked, ExternalId="x")
    given = aws.sts.assume_role(**asked, ExternalId=word)["Credentials"]
    assert ":assumed-role/" in aws.client("sts", credentials=given).get_caller_identity()["Arn"]


@check("T04", "AssumeRole of an unknown role, and of one whose trust excludes the caller -> AccessDenied")
def excluded(aws):
    account = aws.account()
    denied(aws.sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/{unique('none')}", RoleSessionName="none")
    someone, other = user(aws, "sts:AssumeRole"), user(aws, "sts:AssumeRole")
    theirs = role(aws, other.arn)
    asked = {"RoleArn": theirs, "RoleSessionName": "one"}
    denied(someone.client("sts").assume_role, **asked)
    # The account's administrator is not named either.
    denied(aws.sts.assume_role, **asked)
    other.client("sts").assume_role(**asked)
    services = role(aws, {"Service": "s3.amazonaws.com"})
    denied(aws.sts.assume_role, RoleArn=services, RoleSessionName="one")
    # The account is trusted: then each user needs the permission.
    ours = role(aws, root(account))
    without = user(aws)
    denied(without.client("sts").assume_role, RoleArn=ours, RoleSessionName="one")
    without.may("sts:AssumeRole", resource=ours)
    without.client("sts").assume_role(RoleArn=ours, RoleSessionName="one")
    denied(without.client("sts").assume_role, **asked)
    if not aws.server.access_key_id:
        stranger = Place(aws.server, aws.record)
        denied(stranger.sts.assume_role, RoleArn=ours, RoleSessionName="one")


@check("T05", "GetSessionToken (MFA arguments); wrong code refused")
def session_token(aws):
    someone = user(aws, "kms:ListKeys", "iam:ListUsers")
    sts = someone.client("sts")
    plain = sts.get_session_token(DurationSeconds=900)["Credentials"]
    near(plain["Expiration"], aws.now().replace(microsecond=0), 1000)
    has(aws.client("sts", credentials=plain).get_caller_identity(), Arn=someone.arn)
    aws.client("kms", credentials=plain).list_keys()
    # Without MFA it is of no use for IAM. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    refused(("AccessDenied", "InvalidClientTokenId"), aws.client("iam", credentials=plain).list_users)
    made = aws.iam.create_virtual_mfa_device(VirtualMFADeviceName=someone.name)["VirtualMFADevice"]
    device = {"UserName": someone.name, "SerialNumber": made["SerialNumber"]}
    aws.iam.enable_mfa_device(**device, AuthenticationCode1=code(made, -1), AuthenticationCode2=code(made, 0))
    serial = {"SerialNumber": made["SerialNumber"]}
    right = code(made, 1)
    denied(sts.get_session_token, **serial, TokenCode=f"{(int(right) + 1) % 10**6:06}")
    refused(("AccessDenied", "ValidationError"), sts.get_session_token, **serial)
    refused("ValidationError", sts.get_session_token, wrong=True, **serial, TokenCode="12345")
    denied(user(aws).client("sts").get_session_token, **serial, TokenCode=right)
    given = sts.get_session_token(**serial, TokenCode=right, DurationSeconds=3600)["Credentials"]
    someone.may("kms:ListKeys", "iam:ListUsers", conditions={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    aws.client("kms", credentials=given).list_keys()
    aws.client("iam", credentials=given).list_users()
    denied(aws.client("kms", credentials=plain).list_keys)
    denied(someone.kms.list_keys)
    for seconds in (899, 129_601):
        refused("ValidationError", sts.get_session_token, wrong=True, DurationSeconds=seconds)


@check("T06", "Accounts isolated (by AssumeRole into another account)")
def isolated(aws):
    other = Place(aws.server, aws.record)
    mine, theirs = aws.account(), other.account()
    assert mine != theirs, "there is one account only"
    key, their_key = create(aws.kms), create(other.kms)
    their_arn = f"arn:aws:kms:{HERE}:{theirs}:key/{their_key}"
    denied(aws.kms.describe_key, KeyId=their_arn)
    refused("NotFoundException", aws.kms.describe_key, KeyId=their_key)
    their_bucket = bucket(other)
    refused("403", aws.client("s3").head_bucket, Bucket=their_bucket)
    assert their_bucket not in [one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]]
    door = role(other, root(mine), "kms:*")
    assert door not in [one["Arn"] for one in aws.iam.list_roles()["Roles"]]
    refused("NoSuchEntity", aws.iam.get_role, RoleName=door.rsplit("/", 1)[1])
    given = session(aws.sts, door)
    has(aws.client("sts", credentials=given).get_caller_identity(), Account=theirs)
    inside = aws.client("kms", credentials=given)
    listed = [entry["KeyId"] for entry in inside.list_keys()["Keys"]]
    assert their_key in listed and key not in listed, listed
    has(inside.describe_key(KeyId=their_arn)["KeyMetadata"], AWSAccountId=theirs)
    denied(inside.describe_key, KeyId=f"arn:aws:kms:{HERE}:{mine}:key/{key}")
    made = inside.create_key()["KeyMetadata"]
    same(made["AWSAccountId"], theirs)
    refused("NotFoundException", aws.kms.describe_key, KeyId=made["KeyId"])
    denied(aws.client("s3", credentials=given).list_buckets)


@check("T08", "Request signatures verified (wrong secret refused)")
def signatures(aws):
    someone = user(aws, "kms:*", "s3:*", "sts:*")
    good = {name: someone.credentials[name] for name in ("AccessKeyId", "SecretAccessKey")}
    given = session(aws.sts, role(aws, root(aws.account()), "kms:*", "s3:*"))
    given = {name: given[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    asks = (("kms", "list_keys"), ("sts", "get_caller_identity"), ("iam", "list_users"), ("s3", "list_buckets"))
    mismatch = {"kms": "InvalidSignatureException"}
    unknown = {"kms": "UnrecognizedClientException", "s3": "InvalidAccessKeyId"}
    invalid = {**unknown, "s3": ("InvalidToken", "InvalidAccessKeyId")}
    for credentials in (good, given):
        wrong = {**credentials, "SecretAccessKey": credentials["SecretAccessKey"][:-1] + "!"}
        nobody = {**credentials, "AccessKeyId": credentials["AccessKeyId"][:4] + "ABCDEFGHIJKLMNOP"}
        for service, ask in asks:
            as_wrong, as_nobody = (getattr(holder(aws, **one).client(service), ask) for one in (wrong, nobody))
            refused(mismatch.get(service, "SignatureDoesNotMatch"), as_wrong)
            refused(unknown.get(service, "InvalidClientTokenId"), as_nobody)
    bogus = {**given, "SessionToken": given["SessionToken"][:-6] + "AAAAAA"}
    for service, ask in asks:
        refused(invalid.get(service, "InvalidClientTokenId"), getattr(holder(aws, **bogus).client(service), ask))
    # What is changed after it was signed does not count.
    place = holder(aws, **good)
    key = create(place.kms)

    def tamper(request, **_):
        request.body = request.body.replace(b"7", b"30", 1)

    place.kms.meta.events.register("before-send.kms.ScheduleKeyDeletion", tamper)
    with_seven = {"KeyId": f"arn:aws:kms:{HERE}:{aws.account()}:key/{key}", "PendingWindowInDays": 7}
    refused("InvalidSignatureException", place.kms.schedule_key_deletion, **with_seven)
    same(aws.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Enabled")
    # A key that is turned off is nobody's, and one that is deleted too.
    aws.iam.update_access_key(UserName=someone.name, AccessKeyId=good["AccessKeyId"], Status="Inactive")
    until(lambda: is_refused(someone.client("sts").get_caller_identity), "the access key is off")
    refused("UnrecognizedClientException", someone.kms.list_keys)
    aws.iam.update_access_key(UserName=someone.name, AccessKeyId=good["AccessKeyId"], Status="Active")
    someone.kms.list_keys()
    aws.iam.delete_access_key(UserName=someone.name, AccessKeyId=good["AccessKeyId"])
    refused("InvalidClientTokenId", someone.client("sts").get_caller_identity)


def is_refused(ask):
    try:
        refused("InvalidClientTokenId", ask)
    except AssertionError:
        return False
    return True


@check("E52", "Federated users, whose access key it is, and messages that cannot be decoded")
def federated(aws):
    account, someone = (
        aws.account(),
        user(aws, "kms:ListKeys", "kms:CreateKey", "sts:GetFederationToken", "iam:ListUsers"),
    )
    sts = someone.client("sts")
    answer = sts.get_federation_token(Name="Bob", Policy=text(statement("Allow", "kms:ListKeys", "iam:ListUsers")))
    arn = f"arn:aws:sts::{account}:federated-user/Bob"
    has(answer["FederatedUser"], Arn=arn, FederatedUserId=f"{account}:Bob")
    given = answer["Credentials"]
    has(aws.client("sts", credentials=given).get_caller_identity(), Arn=arn, UserId=f"{account}:Bob")
    aws.client("kms", credentials=given).list_keys()
    # No more than both allow; and IAM never.
    denied(aws.client("kms", credentials=given).create_key)
    refused(("AccessDenied", "InvalidClientTokenId"), aws.client("iam", credentials=given).list_users)
    bare = sts.get_federation_token(Name="Eve", DurationSeconds=900)["Credentials"]
    denied(aws.client("kms", credentials=bare).list_keys)
    refused("ValidationError", sts.get_federation_token, wrong=True, Name="B")
    refused("MalformedPolicyDocument", sts.get_federation_token, Name="Bob", Policy="not JSON")
    denied(user(aws).client("sts").get_federation_token, Name="Bob")
    same(aws.sts.get_access_key_info(AccessKeyId=someone.credentials["AccessKeyId"])["Account"], account)
    bogus = {"EncodedMessage": "not-a-message-of-aws"}
    refused("InvalidAuthorizationMessageException", aws.sts.decode_authorization_message, **bogus)
