"""The story that the product is about, told by boto3 alone: an organisation keeps its key to itself, its data in a
bucket of another of its accounts, and can take the key away and give it back."""

import json

from asserting import denied, has, refused, same, state, until
from checks import group
from material import import_into, secret, waiting_key
from multi_region import replicate
from organizations import entered, make_account, organisation
from people import admin, document, role, root, session, statement, text, unique, user
from place import HERE, THERE
from replication import configure, permissions, replicating_role, rule, settled
from storage import BLOCKED, arns, encrypt_by_default, put_policy, read, unique_name

check = group("Walk-through")


class Account:
    """One of the organisation's accounts, entered as its administrator; looks like a `Place`."""

    def __init__(self, aws, number):
        self.aws, self.number = aws, number
        self.credentials = entered(aws, number)

    def client(self, service, region=HERE, credentials=None):
        return self.aws.client(service, region, credentials or self.credentials)

    @property
    def iam(self):
        return self.client("iam")

    def kms(self, region=HERE):
        return self.client("kms", region)

    def s3(self, region=HERE):
        return self.client("s3", region)


@check(
    "W01",
    "A walk-through: an organisation's bucket under its own imported key, taken away and given back",
    limit_s=90,
)
def walk(aws):
    org = organisation(aws)
    keys, data = (Account(aws, make_account(aws, word)) for word in ("keys", "data"))
    aws.step(f"organisation {org['Id']}: account {keys.number} holds keys, account {data.number} holds data")

    key, material, here_arn = make_key(aws, keys, data, org)
    bucket = make_bucket(data, HERE, here_arn)
    aws.step(
        f"bucket {bucket} in {HERE}: encrypted by default under {here_arn}, TLS only, no other key, not public"
    )
    refuse_the_unencrypted(aws, data, bucket)

    word, reader = make_reader(aws, data, bucket, here_arn)
    mine = as_reader(aws, word, reader)
    letter = b"Nobody reads this without the organisation's key."
    put = mine.put_object(Bucket=bucket, Key="letters/one", Body=letter)
    has(put, ServerSideEncryption="aws:kms", SSEKMSKeyId=here_arn)
    same(read(mine, bucket, "letters/one"), letter)
    for ask, said in (
        (mine.get_object, {"Key": "elsewhere/one"}),
        (mine.delete_object, {"Key": "letters/one"}),
        (mine.delete_bucket_policy, {}),
    ):
        denied(ask, Bucket=bucket, **said)
    denied(aws.client("kms", HERE, session(aws.sts, reader, ExternalId=word)).disable_key, KeyId=here_arn)
    aws.step("as the role, an object is written and read; it names the key; nothing else is allowed")

    custodian = make_custodian(keys, here_arn)
    take_away_and_give_back(aws, keys, custodian, mine, bucket, key, letter)
    delete_and_import_again(aws, keys, mine, bucket, key, material, letter)

    second = in_the_second_region(aws, keys, data, org, bucket, key, material, here_arn)
    after = b"Written after the rule, read where the copy is."
    mine.put_object(Bucket=bucket, Key="letters/two", Body=after)
    same(settled(mine, bucket, "letters/two"), "COMPLETED", "the replication")
    data.iam.put_role_policy(
        RoleName=reader.rsplit("/", 1)[1],
        PolicyName="there",
        PolicyDocument=json.dumps(least(second, arn_of(keys, key, THERE))),
    )
    mine_there = as_reader(aws, word, reader, THERE)
    got = mine_there.get_object(Bucket=second, Key="letters/two")
    same((got["Body"].read(), got["SSEKMSKeyId"]), (after, arn_of(keys, key, THERE)))
    aws.step(f"the object arrived in {THERE}: same bytes, under {got['SSEKMSKeyId']}, readable by the role")
    keys.kms().disable_key(KeyId=key)
    refused("KMS.DisabledException", mine.get_object, Bucket=bucket, Key="letters/two")
    same(read(mine_there, second, "letters/two"), after)
    keys.kms().enable_key(KeyId=key)
    aws.step("each Region's key is its own switch: disabled here, the copy there is still read")

    who_disabled(aws, keys, custodian, here_arn)


def make_key(aws, keys, data, org):
    """A multi-Region key whose material was made here and really wrapped."""
    key = waiting_key(
        keys.kms(), MultiRegion=True, Policy=key_policy(keys, data, org, HERE), Description="letters"
    )
    same(state(keys.kms(), key), "PendingImport")
    material = secret()
    import_into(keys.kms(), key, material, size="RSA_4096")
    arn = arn_of(keys, key, HERE)
    shown = keys.kms().describe_key(KeyId=key)["KeyMetadata"]
    has(shown, Arn=arn, KeyState="Enabled", Origin="EXTERNAL", MultiRegion=True)
    aws.step(f"key {arn}: 32 bytes of our own, wrapped by RSA-OAEP under AWS's RSA 4096 key, imported, Enabled")
    return key, material, arn


def key_policy(keys, data, org, region):
    """Its own account administers it; the data's account uses it, through S3 only and in this organisation only."""
    within = {"aws:PrincipalOrgID": org["Id"], "kms:ViaService": f"s3.{region}.amazonaws.com"}
    uses = statement(
        "Allow",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        principal=root(data.number),
        conditions={"StringEquals": within},
    )
    return text(admin(keys.number), uses)


def make_bucket(data, region, key):
    s3, name = data.s3(region), unique_name("letters")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    encrypt_by_default(s3, name, key)
    same(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"], BLOCKED)
    put_policy(
        s3,
        name,
        {
            **statement("Deny", "s3:*", principal="*", resource=arns(name)),
            "Sid": "OnlyOverTls",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        only(name, "OnlyEncrypted", "s3:x-amz-server-side-encryption", "aws:kms"),
        only(name, "OnlyUnderTheKey", "s3:x-amz-server-side-encryption-aws-kms-key-id", key),
    )
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"], {"IsPublic": False})
    return name


def only(name, sid, header, value):
    """Who says how an object is to be encrypted says this, or leaves it to the bucket."""
    denial = statement("Deny", "s3:PutObject", principal="*", resource=f"arn:aws:s3:::{name}/*")
    return {**denial, "Sid": sid, "Condition": {"Null": {header: "false"}, "StringNotEquals": {header: value}}}


def refuse_the_unencrypted(aws, data, bucket):
    other = data.kms().create_key()["KeyMetadata"]["Arn"]
    put = {"Bucket": bucket, "Key": "wrong", "Body": b"x"}
    denied(data.s3().put_object, **put, ServerSideEncryption="AES256")
    denied(data.s3().put_object, **put, ServerSideEncryption="aws:kms", SSEKMSKeyId=other)
    everybody = text({**statement("Allow", "s3:GetObject", resource=arns(bucket)), "Principal": "*"})
    denied(data.s3().put_bucket_policy, Bucket=bucket, Policy=everybody)
    aws.step("refused even to the account's administrator: AES256, another key, a public policy")


def make_reader(aws, data, bucket, key):
    """A role for the organisation's own tool: an external id, and no more than it needs."""
    word = unique("external")
    trusted = root(aws.account())
    arn = role(data, trusted, conditions={"StringEquals": {"sts:ExternalId": word}})
    data.iam.put_role_policy(
        RoleName=arn.rsplit("/", 1)[1], PolicyName="here", PolicyDocument=json.dumps(least(bucket, key))
    )
    for wrong in ({}, {"ExternalId": "guessed"}):
        denied(aws.sts.assume_role, RoleArn=arn, RoleSessionName="thief", **wrong)
    aws.step(f"role {arn}: not without its external id, not with a guessed one")
    return word, arn


def least(bucket, key):
    return document(
        statement("Allow", "s3:GetObject", "s3:PutObject", resource=f"arn:aws:s3:::{bucket}/letters/*"),
        statement("Allow", "kms:GenerateDataKey", "kms:Decrypt", resource=key),
    )


def as_reader(aws, word, arn, region=HERE):
    given = session(aws.sts, arn, "letters", ExternalId=word)
    return aws.client("s3", region, given)


def make_custodian(keys, key):
    """A person who may turn the key off and on, and nothing else."""
    ada = user(keys)
    ada.may("kms:DisableKey", "kms:EnableKey", resource=key)
    denied(ada.kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7)
    return ada


def take_away_and_give_back(aws, keys, custodian, mine, bucket, key, letter):
    there = {"KeyId": arn_of(keys, key, HERE)}
    custodian.kms.disable_key(**there)
    refused("KMS.DisabledException", mine.get_object, Bucket=bucket, Key="letters/one")
    refused("KMS.DisabledException", mine.put_object, Bucket=bucket, Key="letters/new", Body=b"x")
    aws.step(f"{custodian.name} disabled the key: reading and writing are refused with KMS.DisabledException")
    custodian.kms.enable_key(**there)
    same(read(mine, bucket, "letters/one"), letter)
    aws.step("the key is enabled again: the object is read")


def delete_and_import_again(aws, keys, mine, bucket, key, material, letter):
    keys.kms().delete_imported_key_material(KeyId=key)
    same(state(keys.kms(), key), "PendingImport")
    refused("KMS.KMSInvalidStateException", mine.get_object, Bucket=bucket, Key="letters/one")
    aws.step("the material is deleted: reading is refused with KMS.KMSInvalidStateException")
    refused("IncorrectKeyMaterialException", import_into, kms=keys.kms(), key=key, material=secret())
    import_into(keys.kms(), key, material, size="RSA_4096")
    same(read(mine, bucket, "letters/one"), letter)
    aws.step("other material is refused; the same material is imported again: the object is read")


def in_the_second_region(aws, keys, data, org, bucket, key, material, here_arn):
    """A replica key with the same material, a bucket under it, and replication into that; the bucket's name."""
    there_arn = arn_of(keys, key, THERE)
    regional = _Regional(keys)
    replicate(regional, key, Policy=key_policy(keys, data, org, THERE))
    same(state(keys.kms(THERE), key), "PendingImport")
    refused("IncorrectKeyMaterialException", import_into, kms=keys.kms(THERE), key=key, material=secret())
    import_into(keys.kms(THERE), key, material)
    same(state(keys.kms(THERE), key), "Enabled")
    aws.step(f"replica key {there_arn}: no other material is taken, the same is imported")
    second = make_bucket(data, THERE, there_arn)
    # The role first lacks the right to encrypt there: nothing arrives, and nobody is told but by the status.
    by = replicating_role(data, permissions(bucket, second, here_arn))
    configure(data.s3(), bucket, by, rule(second, there_arn))
    data.s3().put_object(Bucket=bucket, Key="letters/early", Body=b"early")
    same(settled(data.s3(), bucket, "letters/early"), "FAILED")
    refused("404", data.s3(THERE).head_object, Bucket=second, Key="letters/early")
    whole = json.dumps(permissions(bucket, second, here_arn, there_arn))
    data.iam.put_role_policy(RoleName=by.rsplit("/", 1)[1], PolicyName="only", PolicyDocument=whole)
    aws.step(f"bucket {second} in {THERE}: without kms:Encrypt there, the replication role's copy fails silently")
    return second


class _Regional:
    """What `replicate` asks of a place."""

    def __init__(self, account):
        self.kms_in = account.kms


def who_disabled(aws, keys, custodian, key):
    trail = keys.client("cloudtrail")

    def shown():
        asked = [{"AttributeKey": "EventName", "AttributeValue": "DisableKey"}]
        return trail.lookup_events(LookupAttributes=asked)["Events"]

    until(lambda: len(shown()) >= 2, "CloudTrail shows both", 15)
    first = shown()[-1]
    record = json.loads(first["CloudTrailEvent"])
    has(first, Username=custodian.name, EventSource="kms.amazonaws.com")
    has(record["userIdentity"], type="IAMUser", arn=custodian.arn, accountId=keys.number)
    assert key in [one["ResourceName"] for one in first["Resources"]], first["Resources"]
    second = json.loads(shown()[0]["CloudTrailEvent"])["userIdentity"]
    has(second, type="AssumedRole", accountId=keys.number)
    aws.step(
        f"CloudTrail: DisableKey by {custodian.arn} at {first['EventTime']:%H:%M:%S}, then by {second['arn']}"
    )


def arn_of(account, key, region):
    return f"arn:aws:kms:{region}:{account.number}:key/{key}"
