"""Aliases and tags."""

from asserting import has, near, pages, refused, same, without_doubles
from checks import group
from material import create, round_trip
from place import HERE, THERE

check = group("Aliases and tags")


def targets(kms, key):
    return sorted(entry["AliasName"] for entry in pages(kms.list_aliases, "Aliases", KeyId=key))


@check("K54", "Aliases: create, update, delete, per key, paginated")
def aliases(aws):
    kms, account = aws.kms, aws.account()
    one, other = create(kms), create(kms)
    names = sorted(f"alias/{one}/{number:02}" for number in range(7))
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=one)
    same(targets(kms, one), names)
    same(targets(kms, other), [])
    for size in (1, 3, 7, None):
        listed = pages(kms.list_aliases, "Aliases", size=size, KeyId=one)
        same(without_doubles(listed, "AliasName"), set(names), f"Limit={size}")
    has(listed[0], TargetKeyId=one, AliasArn=f"arn:aws:kms:{HERE}:{account}:{listed[0]['AliasName']}")
    near(listed[0]["CreationDate"], aws.now())
    everywhere = {entry["AliasName"] for entry in pages(kms.list_aliases, "Aliases", size=5)}
    assert set(names) <= everywhere, set(names) - everywhere
    blob = round_trip(kms, names[0])
    kms.update_alias(AliasName=names[0], TargetKeyId=other)
    same((targets(kms, one), targets(kms, other)), (names[1:], names[:1]))
    same(kms.describe_key(KeyId=names[0])["KeyMetadata"]["KeyId"], other)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")
    refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=blob, KeyId=names[0])
    kms.delete_alias(AliasName=names[1])
    same(targets(kms, one), names[2:])
    refused("NotFoundException", kms.describe_key, KeyId=names[1])
    # The same name in another Region is another alias.
    there = aws.kms_in(THERE)
    there.create_alias(AliasName=names[0], TargetKeyId=create(there))
    same(kms.describe_key(KeyId=names[0])["KeyMetadata"]["KeyId"], other)


@check("K55", "Alias errors: duplicate, reserved, missing")
def alias_errors(aws):
    kms = aws.kms
    key, other = create(kms), create(kms)
    name = f"alias/{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    for target in (key, other):
        refused("AlreadyExistsException", kms.create_alias, AliasName=name, TargetKeyId=target)
    # AWS was seen to answer NotAuthorizedException, which its documentation does not know.
    reserved = ("InvalidAliasNameException", "NotAuthorizedException")
    refused(reserved, kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)
    refused(
        ("ValidationException", "InvalidAliasNameException"), kms.create_alias, AliasName="mine", TargetKeyId=key
    )
    refused("ValidationException", kms.create_alias, wrong=True, AliasName="alias/no spaces", TargetKeyId=key)
    refused("ValidationException", kms.create_alias, wrong=True, AliasName="alias/" + "x" * 251, TargetKeyId=key)
    nobody = "01234567-89ab-cdef-0123-456789abcdef"
    refused("NotFoundException", kms.create_alias, AliasName="alias/for-nobody", TargetKeyId=nobody)
    refused("NotFoundException", kms.update_alias, AliasName="alias/is-not-there", TargetKeyId=key)
    refused("NotFoundException", kms.delete_alias, AliasName="alias/is-not-there")
    pair = create(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    refused("ValidationException", kms.update_alias, AliasName=name, TargetKeyId=pair)
    same(targets(kms, key), [name])
    # Operations on keys by alias are cryptographic ones and DescribeKey only.
    refused(("NotFoundException", "InvalidArnException"), kms.enable_key, KeyId=name)
    refused(("NotFoundException", "InvalidArnException"), kms.get_key_policy, KeyId=name)
    refused("ValidationException", kms.list_aliases, Limit=101)


@check("K56", "Tags: add, replace, remove, list, paginated")
def tags(aws):
    kms, key = aws.kms, create(aws.kms)

    def now():
        return {tag["TagKey"]: tag["TagValue"] for tag in pages(kms.list_resource_tags, "Tags", KeyId=key)}

    wanted = {f"key {number}": f"value {number}" for number in range(10)}
    written = [{"TagKey": name, "TagValue": value} for name, value in wanted.items()]
    kms.tag_resource(KeyId=key, Tags=written)
    same(now(), wanted)
    for size in (1, 4, 10):
        listed = pages(kms.list_resource_tags, "Tags", size=size, KeyId=key)
        same(without_doubles(listed, "TagKey"), set(wanted), f"Limit={size}")
    kms.tag_resource(
        KeyId=key, Tags=[{"TagKey": "key 3", "TagValue": ""}, {"TagKey": "Key 3", "TagValue": "+-=._:/@"}]
    )
    wanted |= {"key 3": "", "Key 3": "+-=._:/@"}
    same(now(), wanted)
    kms.untag_resource(KeyId=key, TagKeys=["key 0", "key 1", "is not there"])
    same(now(), {name: value for name, value in wanted.items() if name not in ("key 0", "key 1")})
    aws_tag = [{"TagKey": "aws:mine", "TagValue": "v"}]
    refused(("TagException", "ValidationException"), kms.tag_resource, KeyId=key, Tags=aws_tag)
    many = [{"TagKey": f"more {number}", "TagValue": ""} for number in range(50)]
    refused(("LimitExceededException", "TagException"), kms.tag_resource, KeyId=key, Tags=many)
    twice = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]
    refused("TagException", kms.create_key, Tags=twice)
    long = [{"TagKey": "k" * 129, "TagValue": "v"}]
    refused(("ValidationException", "TagException"), kms.tag_resource, wrong=True, KeyId=key, Tags=long)
    refused("InvalidMarkerException", kms.list_resource_tags, KeyId=key, Marker="not a marker of yours")
    refused("ValidationException", kms.list_resource_tags, KeyId=key, Limit=51)
