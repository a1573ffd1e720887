"""Buckets: where they are, who has them, and their settings."""

import json

from asserting import denied, has, near, refused, same, without_doubles
from checks import group
from people import role, root, session, statement, text, user
from place import HERE, THERE, Place
from storage import BLOCKED, arns, bucket, encrypt_by_default, on, put_policy, read, under, unique_name

check = group("S3 buckets")


@check("S01", "CreateBucket with LocationConstraint, GetBucketLocation, ListBuckets, HeadBucket")
def made(aws):
    s3 = aws.client("s3")
    here, there, east = bucket(aws), bucket(aws, THERE), bucket(aws, "us-east-1")
    for name, region in ((here, HERE), (there, THERE)):
        same(aws.client("s3", region).get_bucket_location(Bucket=name)["LocationConstraint"], region)
    # The oldest region has none. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    same(aws.client("s3", "us-east-1").get_bucket_location(Bucket=east).get("LocationConstraint"), None)
    for name, region in ((here, HERE), (there, THERE), (east, "us-east-1")):
        same(aws.client("s3", region).head_bucket(Bucket=name)["BucketRegion"], region)
    shown = s3.list_buckets()
    assert shown["Owner"]["ID"], shown
    listed = {entry["Name"]: entry for entry in shown["Buckets"]}
    assert {here, there, east} <= set(listed), sorted(listed)
    near(listed[here]["CreationDate"], aws.now())
    page = s3.list_buckets(MaxBuckets=1)
    seen = [entry["Name"] for entry in page["Buckets"]]
    while page.get("ContinuationToken"):
        page = s3.list_buckets(MaxBuckets=1, ContinuationToken=page["ContinuationToken"])
        seen += [entry["Name"] for entry in page["Buckets"]]
        assert len(seen) <= len(listed), seen
    same(seen, sorted(listed), "the same page by page")
    # Only there can be asked what is there. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    regional = aws.client("s3", THERE).list_buckets(BucketRegion=THERE, Prefix=there[:-2])["Buckets"]
    refused("InvalidArgument", s3.list_buckets, BucketRegion=THERE)
    same([(entry["Name"], entry["BucketRegion"]) for entry in regional], [(there, THERE)])
    refused("404", s3.head_bucket, Bucket=unique_name("nowhere"))
    for wrong in ("Upper-Case-Letters", "ab", "two..dots", "xn--example", "192.168.5.4", "-dash-in-front"):
        refused("InvalidBucketName", s3.create_bucket, Bucket=wrong)
    s3.delete_bucket(Bucket=here)
    refused("404", s3.head_bucket, Bucket=here)
    assert here not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


@check("S02", "LocationConstraint of another Region -> IllegalLocationConstraintException")
def elsewhere(aws):
    s3, name = aws.client("s3"), unique_name()
    refused(
        "IllegalLocationConstraintException",
        s3.create_bucket,
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": THERE},
    )
    refused("IllegalLocationConstraintException", s3.create_bucket, Bucket=name)
    nowhere = {"LocationConstraint": "nowhere-9"}
    refused(
        ("InvalidLocationConstraint", "IllegalLocationConstraintException"),
        s3.create_bucket,
        wrong=True,
        Bucket=name,
        CreateBucketConfiguration=nowhere,
    )
    refused("404", s3.head_bucket, Bucket=name)
    bucket(aws, name=name)


@check("S03", "Put/GetBucketEncryption aws:kms + bucket key")
def default_encryption(aws):
    s3, name = aws.client("s3"), bucket(aws)
    key = aws.kms.create_key()["KeyMetadata"]["Arn"]

    def shown():
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        return rule

    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    has(shown(), ApplyServerSideEncryptionByDefault={"SSEAlgorithm": "AES256"})
    for flag in (True, False):
        encrypt_by_default(s3, name, key, flag)
        has(shown(), **under(key, flag)["Rules"][0])
    for algorithm in ("aws:kms:dsse", "AES256"):
        by_default = {"SSEAlgorithm": algorithm}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
        has(shown(), ApplyServerSideEncryptionByDefault=by_default)
    wrong = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "rot13"}}]}
    refused(
        "MalformedXML",
        s3.put_bucket_encryption,
        wrong=True,
        Bucket=name,
        ServerSideEncryptionConfiguration=wrong,
    )
    wrong = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": key}}]}
    refused(
        ("InvalidArgument", "MalformedXML"),
        s3.put_bucket_encryption,
        Bucket=name,
        ServerSideEncryptionConfiguration=wrong,
    )
    encrypt_by_default(s3, name, key)
    s3.delete_bucket_encryption(Bucket=name)
    has(shown(), ApplyServerSideEncryptionByDefault={"SSEAlgorithm": "AES256"})
    refused("NoSuchBucket", s3.get_bucket_encryption, Bucket=unique_name())


@check("S04", "PublicAccessBlock, versioning, tagging, ownership round trips")
def settings(aws):
    s3, name = aws.client("s3"), bucket(aws)
    named = {"Bucket": name}
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-overview.html
    same(s3.get_public_access_block(**named)["PublicAccessBlockConfiguration"], BLOCKED)
    some = {**BLOCKED, "IgnorePublicAcls": False, "RestrictPublicBuckets": False}
    s3.put_public_access_block(**named, PublicAccessBlockConfiguration=some)
    same(s3.get_public_access_block(**named)["PublicAccessBlockConfiguration"], some)
    s3.delete_public_access_block(**named)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, **named)

    has(s3.get_bucket_versioning(**named), Status=None)
    for status in ("Enabled", "Suspended", "Enabled"):
        s3.put_bucket_versioning(**named, VersioningConfiguration={"Status": status})
        has(s3.get_bucket_versioning(**named), Status=status)
    asked = {**named, "VersioningConfiguration": {"Status": "Perhaps"}}
    refused("MalformedXML", s3.put_bucket_versioning, wrong=True, **asked)

    refused("NoSuchTagSet", s3.get_bucket_tagging, **named)
    tags = [{"Key": "team", "Value": "security"}, {"Key": "stage", "Value": ""}]
    s3.put_bucket_tagging(**named, Tagging={"TagSet": tags})
    same(sorted(s3.get_bucket_tagging(**named)["TagSet"], key=str), sorted(tags, key=str))
    s3.put_bucket_tagging(**named, Tagging={"TagSet": tags[:1]})
    same(s3.get_bucket_tagging(**named)["TagSet"], tags[:1], "what is put takes the place of all")
    refused("InvalidTag", s3.put_bucket_tagging, **named, Tagging={"TagSet": [tags[0], tags[0]]})
    refused(
        "InvalidTag", s3.put_bucket_tagging, **named, Tagging={"TagSet": [{"Key": "aws:reserved", "Value": "x"}]}
    )
    s3.delete_bucket_tagging(**named)
    refused("NoSuchTagSet", s3.get_bucket_tagging, **named)

    for ownership in ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"):
        rules = {"Rules": [{"ObjectOwnership": ownership}]}
        if ownership != "BucketOwnerEnforced":  # What a new bucket has.
            s3.put_bucket_ownership_controls(**named, OwnershipControls=rules)
        same(s3.get_bucket_ownership_controls(**named)["OwnershipControls"], rules)
    s3.delete_bucket_ownership_controls(**named)
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, **named)
    refused("NoSuchBucket", s3.get_bucket_versioning, Bucket=unique_name())


@check("S08", "PutBucketPolicy round trip; malformed -> MalformedPolicy")
def policy(aws):
    s3, name, account = aws.client("s3"), bucket(aws), aws.account()
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    good = on(name, "Allow", "s3:GetObject", "s3:ListBucket", principal=root(account))
    s3.put_bucket_policy(Bucket=name, Policy=text(good))
    same(json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]), json.loads(text(good)))
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"], {"IsPublic": False})
    for wrong in (
        "not JSON",
        "{}",
        text({member: content for member, content in good.items() if member != "Principal"}),
        text({member: content for member, content in good.items() if member != "Resource"}),
        text({**good, "Effect": "Perhaps"}),
        text({**good, "Action": "kms:Encrypt"}),
        text({**good, "Resource": arns(unique_name())}),
        text({**good, "Principal": {"AWS": f"arn:aws:iam::{account}:user/nobody-of-this-name"}}),
        text({**good, "Condition": {"StringSortOf": {"aws:PrincipalArn": "x"}}}),
    ):
        refused("MalformedPolicy", s3.put_bucket_policy, Bucket=name, Policy=wrong)
    same(json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]), json.loads(text(good)), "what was there")
    s3.delete_bucket_policy(Bucket=name)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    refused("NoSuchBucket", s3.put_bucket_policy, Bucket=unique_name(), Policy=text(good))


@check("S09", "Bucket policy enforced (Deny s3:PutObject to an IAM user with s3:*)")
def enforced(aws):
    s3, name, account = aws.client("s3"), bucket(aws), aws.account()
    mighty, poor = user(aws, "s3:*"), user(aws)
    put = {"Bucket": name, "Key": "one", "Body": b"bytes"}
    mighty.client("s3").put_object(**put)
    put_policy(s3, name, on(name, "Deny", "s3:PutObject", principal=mighty.arn))
    denied(mighty.client("s3").put_object, **put)
    same(read(mighty.client("s3"), name, "one"), b"bytes")
    s3.put_object(**put)
    # An explicit deny that asks for encryption under the bucket's key, and for nothing else.
    other = statement(
        "Deny",
        "s3:PutObject",
        principal="*",
        resource=f"arn:aws:s3:::{name}/*",
        conditions={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    )
    put_policy(s3, name, other)
    denied(mighty.client("s3").put_object, **put)
    mighty.may("s3:*", "kms:*")
    mighty.client("s3").put_object(**put, ServerSideEncryption="aws:kms")
    # The policy alone lets a user of its own account in.
    denied(poor.client("s3").get_object, Bucket=name, Key="one")
    denied(poor.client("s3").list_objects_v2, Bucket=name)
    s3.put_object(Bucket=name, Key="open/two", Body=b"two", ServerSideEncryption="aws:kms")
    s3.delete_bucket_policy(Bucket=name)
    s3.put_object(Bucket=name, Key="open/two", Body=b"two")
    put_policy(
        s3,
        name,
        statement("Allow", "s3:GetObject", principal=poor.arn, resource=f"arn:aws:s3:::{name}/open/*"),
        statement(
            "Allow",
            "s3:ListBucket",
            principal=poor.arn,
            resource=f"arn:aws:s3:::{name}",
            conditions={"StringLike": {"s3:prefix": "open/*"}},
        ),
    )
    same(read(poor.client("s3"), name, "open/two"), b"two")
    denied(poor.client("s3").get_object, Bucket=name, Key="one")
    denied(poor.client("s3").delete_object, Bucket=name, Key="open/two")
    denied(poor.client("s3").list_objects_v2, Bucket=name)
    listed = poor.client("s3").list_objects_v2(Bucket=name, Prefix="open/")["Contents"]
    same([entry["Key"] for entry in listed], ["open/two"])
    # Another account needs the bucket's policy and its own.
    if aws.server.access_key_id:
        return
    other = Place(aws.server, aws.record)
    stranger = user(other, "s3:GetObject")
    denied(stranger.client("s3").get_object, Bucket=name, Key="open/two")
    put_policy(s3, name, on(name, "Allow", "s3:GetObject", principal=root(other.account())))
    same(read(stranger.client("s3"), name, "open/two"), b"two")
    stranger.may("s3:ListBucket")
    denied(stranger.client("s3").get_object, Bucket=name, Key="open/two")
    # A role's session is asked as the role.
    reader = role(aws, root(account))
    put_policy(s3, name, on(name, "Allow", "s3:GetObject", principal=reader))
    same(read(aws.client("s3", HERE, session(aws.sts, reader)), name, "open/two"), b"two")


@check("S14", "Bucket exists: BucketAlreadyOwnedByYou / BucketAlreadyExists; BucketNotEmpty; NoSuchBucket")
def names(aws):
    s3, name, east = aws.client("s3"), bucket(aws), bucket(aws, "us-east-1")
    place = {"CreateBucketConfiguration": {"LocationConstraint": HERE}}
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=name, **place)
    # Where S3 began, it is granted again. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    aws.client("s3", "us-east-1").create_bucket(Bucket=east)
    stranger = Place(aws.server, aws.record)
    if not aws.server.access_key_id:
        refused("BucketAlreadyExists", stranger.client("s3").create_bucket, Bucket=name, **place)
        refused("403", stranger.client("s3").head_bucket, Bucket=name)
        denied(stranger.client("s3").list_objects_v2, Bucket=name)
        assert name not in [entry["Name"] for entry in stranger.client("s3").list_buckets()["Buckets"]]
    s3.put_object(Bucket=name, Key="one", Body=b"x")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)
    s3.delete_object(Bucket=name, Key="one")
    s3.delete_bucket(Bucket=name)
    nowhere = {"Bucket": name}
    for ask, more in (
        (s3.list_objects_v2, {}),
        (s3.delete_bucket, {}),
        (s3.get_bucket_location, {}),
        (s3.get_object, {"Key": "one"}),
        (s3.put_object, {"Key": "one", "Body": b"x"}),
        (s3.delete_object, {"Key": "one"}),
        (s3.get_public_access_block, {}),
        (s3.get_bucket_policy, {}),
        (s3.get_bucket_replication, {}),
    ):
        refused("NoSuchBucket", ask, **nowhere, **more)
    # A version that is left keeps a bucket as well.
    bucket(aws, name=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="one", Body=b"x")
    s3.delete_object(Bucket=name, Key="one")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=name)
    shown = s3.list_object_versions(Bucket=name)
    left = [
        {"Key": one["Key"], "VersionId": one["VersionId"]} for one in shown["Versions"] + shown["DeleteMarkers"]
    ]
    same(len(left), 2)
    gone = s3.delete_objects(Bucket=name, Delete={"Objects": left})["Deleted"]
    same(without_doubles(gone, "VersionId"), without_doubles(left, "VersionId"))
    s3.delete_bucket(Bucket=name)


@check("S15", "BlockPublicPolicy refuses a public bucket policy")
def public(aws):
    s3, name, account = aws.client("s3"), bucket(aws), aws.account()
    asked = {"Bucket": name}
    for principal in ("*", {"AWS": "*"}):
        everybody = {**on(name, "Allow", "s3:GetObject", principal=root(account)), "Principal": principal}
        denied(s3.put_bucket_policy, **asked, Policy=text(everybody))
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, **asked)
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    for fixed in (
        {"StringEquals": {"aws:PrincipalAccount": account}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    ):
        s3.put_bucket_policy(**asked, Policy=text({**everybody, "Condition": fixed}))
        same(s3.get_bucket_policy_status(**asked)["PolicyStatus"], {"IsPublic": False}, f"with {fixed}")
    for open_still in ({"StringLike": {"aws:PrincipalAccount": "*"}}, {"Bool": {"aws:SecureTransport": "true"}}):
        denied(s3.put_bucket_policy, **asked, Policy=text({**everybody, "Condition": open_still}))
    everybody_not = {**everybody, "Effect": "Deny"}
    s3.put_bucket_policy(**asked, Policy=text(everybody_not))
    s3.put_public_access_block(
        **asked,
        PublicAccessBlockConfiguration={**BLOCKED, "BlockPublicPolicy": False, "RestrictPublicBuckets": False},
    )
    s3.put_bucket_policy(**asked, Policy=text(everybody))
    same(s3.get_bucket_policy_status(**asked)["PolicyStatus"], {"IsPublic": True})
    s3.put_object(**asked, Key="one", Body=b"for all")
    if not aws.server.access_key_id:
        stranger = user(Place(aws.server, aws.record), "s3:*").client("s3")
        same(read(stranger, name, "one"), b"for all")
        s3.put_public_access_block(**asked, PublicAccessBlockConfiguration=BLOCKED)
        denied(stranger.get_object, **asked, Key="one")
    same(read(s3, name, "one"), b"for all")
