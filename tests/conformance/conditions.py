"""Conditions: those that KMS adds to AWS's own, and the operators of IAM's policy language."""

from datetime import timedelta

from asserting import denied
from checks import group
from material import create, hand_in, import_into, imported_key, parameters, round_trip, secret, waiting_key
from people import allow, document, put_user_policy, statement, user
from place import ELSEWHERE, HERE, THERE

check = group("Key policies")


class Tried:
    """An IAM user whose one identity policy is replaced for each thing that is tried."""

    def __init__(self, aws):
        self.aws, self.someone = aws, user(aws)

    @property
    def kms(self):
        return self.someone.kms

    def conditions(self, action, key, value, right, wrong, operator="StringEquals"):
        """With this condition, the right call is granted and the wrong one is not."""
        self.someone.may(action, conditions={operator: {key: value}})
        right()
        denied(wrong)


@check("E39", "KMS's condition keys: of what is created, imported, replicated, rotated, granted, aliased, tagged")
def kms_conditions(aws):
    tried, kms = Tried(aws), aws.kms
    as_user = tried.kms
    made = tried.conditions
    made(
        "kms:CreateKey", "kms:KeySpec", "HMAC_256", *calls(as_user.create_key, spec("HMAC_256"), spec("HMAC_512"))
    )
    external = {"Origin": "EXTERNAL"}
    made("kms:CreateKey", "kms:KeyOrigin", "EXTERNAL", *calls(as_user.create_key, external, {}))
    several = {"MultiRegion": True}
    made("kms:CreateKey", "kms:MultiRegion", "true", *calls(as_user.create_key, several, {}), "Bool")
    tagged = [{"Tags": [{"TagKey": "stage", "TagValue": value}]} for value in ("test", "live")]
    both = ["kms:CreateKey", "kms:TagResource"]
    tried.someone.may(*both, conditions={"StringEquals": {"aws:RequestTag/stage": "test"}})
    as_user.create_key(**tagged[0])
    denied(as_user.create_key, **tagged[1])
    bypass = [{"BypassPolicyLockoutSafetyCheck": value} for value in (False, True)]
    made(
        "kms:CreateKey", "kms:BypassPolicyLockoutSafetyCheck", "false", *calls(as_user.create_key, *bypass), "Bool"
    )

    key = waiting_key(kms)
    wrapping = [dict(kms=as_user, key=key, algorithm=word) for word in ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1")]
    made(
        "kms:GetParametersForImport", "kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256", *calls(parameters, *wrapping)
    )
    sizes = [dict(kms=as_user, key=key, size=word) for word in ("RSA_3072", "RSA_2048")]
    made("kms:GetParametersForImport", "kms:WrappingKeySpec", "RSA_3072", *calls(parameters, *sizes))
    soon = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": aws.now() + timedelta(days=5)}
    late = {**soon, "ValidTo": aws.now() + timedelta(days=50)}
    material = secret()
    handed = [hand_in(kms, key, material, **said) for said in (soon, late, {})]
    model = "KEY_MATERIAL_EXPIRES"
    made(
        "kms:ImportKeyMaterial",
        "kms:ExpirationModel",
        model,
        *calls(as_user.import_key_material, handed[0], handed[2]),
    )
    until = (aws.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    two = calls(as_user.import_key_material, handed[0], handed[1])
    made("kms:ImportKeyMaterial", "kms:ValidTo", until, *two, "DateLessThan")

    native = create(kms)
    periods = [{"KeyId": native, "RotationPeriodInDays": days} for days in (100, 400)]
    made(
        "kms:EnableKeyRotation",
        "kms:RotationPeriodInDays",
        "365",
        *calls(as_user.enable_key_rotation, *periods),
        "NumericLessThan",
    )
    shared = create(kms, MultiRegion=True)
    regions = [{"KeyId": shared, "ReplicaRegion": region} for region in (THERE, ELSEWHERE)]
    tried.someone.may(
        "kms:ReplicateKey", "kms:CreateKey", conditions={"StringEqualsIfExists": {"kms:ReplicaRegion": THERE}}
    )
    as_user.replicate_key(**regions[0])
    denied(as_user.replicate_key, **regions[1])
    grantees = [
        {"KeyId": native, "GranteePrincipal": user(aws).arn, "Operations": [word]}
        for word in ("Encrypt", "Decrypt")
    ]
    operator = "ForAllValues:StringEquals"
    made("kms:CreateGrant", "kms:GrantOperations", "Encrypt", *calls(as_user.create_grant, *grantees), operator)
    alias = f"alias/{native}"
    kms.create_alias(AliasName=alias, TargetKeyId=native)
    named = [{"KeyId": reference, "Plaintext": b"x"} for reference in (alias, native)]
    made("kms:Encrypt", "kms:RequestAlias", alias, *calls(as_user.encrypt, *named))
    contexts = [
        {"KeyId": native, "Plaintext": b"x", "EncryptionContext": {word: "1"}} for word in ("project", "other")
    ]
    made("kms:Encrypt", "kms:EncryptionContextKeys", "project", *calls(as_user.encrypt, *contexts), operator)
    blob = round_trip(kms, native)
    other = create(kms)
    onto = [{"CiphertextBlob": blob, "DestinationKeyId": target} for target in (native, other)]
    made("kms:ReEncrypt*", "kms:ReEncryptOnSameKey", "true", *calls(as_user.re_encrypt, *onto), "Bool")
    pair = create(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    signing = [
        {"KeyId": pair, "Message": b"m", "SigningAlgorithm": word}
        for word in ("RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256")
    ]
    made("kms:Sign", "kms:SigningAlgorithm", "RSASSA_PSS_SHA_256", *calls(as_user.sign, *signing))
    imported, _ = imported_key(kms)
    described = [{"KeyId": each} for each in (imported, native)]
    made("kms:DescribeKey", "kms:KeyOrigin", "EXTERNAL", *calls(as_user.describe_key, *described))
    tags = [{"KeyId": native, "Tags": [{"TagKey": word, "TagValue": ""}]} for word in ("stage", "other")]
    made("kms:TagResource", "aws:TagKeys", "stage", *calls(as_user.tag_resource, *tags), operator)
    import_into(kms, key, material)


def spec(word):
    return {"KeySpec": word, "KeyUsage": "GENERATE_VERIFY_MAC"}


def calls(ask, right, wrong):
    """The two calls, to be made later. A refusal tells the operation's name."""

    def late(said):
        def call():
            return ask(**said)

        call.__name__ = ask.__name__
        call.__self__ = getattr(ask, "__self__", said.get("kms"))
        return call

    return late(right), late(wrong)


@check(
    "E40", "IAM's policy language: operators, wildcards, variables, NotAction, NotResource, and what is missing"
)
def language(aws):
    someone, key = user(aws), create(aws.kms)
    kms = someone.kms
    now = aws.now()
    yesterday, tomorrow = ((now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (-1, 1))
    region = "aws:RequestedRegion"
    for holds, condition in (
        (True, {"StringLike": {region: "eu-*-?"}}),
        (False, {"StringNotLike": {region: "eu-*"}}),
        (True, {"StringEqualsIgnoreCase": {region: HERE.upper()}}),
        (True, {"StringNotEquals": {region: [THERE, ELSEWHERE]}}),
        (True, {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
        (False, {"NotIpAddress": {"aws:SourceIp": "127.0.0.1/32"}}),
        (True, {"DateLessThan": {"aws:CurrentTime": tomorrow}}),
        (False, {"DateLessThan": {"aws:CurrentTime": yesterday}}),
        (True, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/user-*"}}),
        (True, {"Null": {"aws:TokenIssueTime": "true"}}),
        (False, {"Null": {region: "true"}}),
        (False, {"StringEquals": {"aws:PrincipalTag/team": "keys"}}),
        (True, {"StringEqualsIfExists": {"aws:PrincipalTag/team": "keys"}}),
        (False, {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}),
        (True, {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
        (True, {"StringEquals": {"aws:username": "${aws:username}"}}),
        (False, {"StringEquals": {"aws:username": someone.name, region: THERE}}),
        (True, {"StringEquals": {"aws:username": [someone.name, "another"], "aws:PrincipalType": "User"}}),
    ):
        someone.may("kms:Encrypt", conditions=condition)
        if holds:
            kms.encrypt(KeyId=key, Plaintext=b"x")
        else:
            denied(kms.encrypt, KeyId=key, Plaintext=b"x")
    encrypt = {"KeyId": key, "Plaintext": b"x"}
    for holds, written in (
        (True, statement("Allow", "KMS:encr*")),
        (True, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        (False, {"Effect": "Allow", "NotAction": ["kms:Enc*"], "Resource": "*"}),
        (False, {"Effect": "Allow", "Action": "kms:Encrypt", "NotResource": "arn:aws:kms:*:*:key/*"}),
        (True, {"Effect": "Allow", "Action": "kms:Encrypt", "NotResource": f"arn:aws:kms:*:*:key/{key[:-1]}"}),
        (False, statement("Allow", "kms:Encrypt", resource=f"arn:aws:kms:{THERE}:*:key/*")),
        (True, statement("Allow", "kms:*", resource=f"arn:aws:kms:{HERE}:*:key/????????-*")),
        # A star that ends a part of an ARN reaches beyond it.
        (True, statement("Allow", "kms:*", resource="arn:aws:kms:*")),
        (True, statement("Allow", "kms:*", resource=f"arn:aws:kms:{HERE}:*")),
        (False, statement("Allow", "kms:*", resource=f"arn:aws:kms:{THERE}:*")),
        (False, {"Effect": "Allow", "Action": "kms:Encrypt", "NotResource": "arn:aws:kms:*"}),
        (False, statement("Allow", "kms:*", resource="arn:aws:kms:*:*:key/${*}")),
    ):
        put_user_policy(aws.iam, someone.name, document(written))
        if holds:
            kms.encrypt(**encrypt)
        else:
            denied(kms.encrypt, **encrypt)
    both = document(
        statement("Allow", "*"), statement("Deny", "kms:Encrypt", conditions={"StringEquals": {region: THERE}})
    )
    put_user_policy(aws.iam, someone.name, both)
    kms.encrypt(**encrypt)
    there = create(aws.kms_in(THERE))
    denied(someone.client("kms", THERE).encrypt, KeyId=there, Plaintext=b"x")
    aws.iam.tag_user(UserName=someone.name, Tags=[{"Key": "team", "Value": "keys"}])
    aws.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "keys"}])
    same_team = allow(
        "kms:Encrypt", conditions={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    )
    put_user_policy(aws.iam, someone.name, same_team)
    kms.encrypt(**encrypt)
    denied(kms.encrypt, KeyId=create(aws.kms), Plaintext=b"x")
