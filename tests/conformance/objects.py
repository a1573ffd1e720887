"""Objects, and what their keys have to say: who may read them, and when nobody may."""

import hashlib
import io
import urllib.error
import urllib.request


from asserting import denied, has, near, refused, same
from checks import group
from material import create, import_into, imported_key, secret
from people import admin, statement, text, user
from place import HERE, THERE
from storage import bucket, encrypt_by_default, read, unique_name, versioned_bucket

check = group("S3 objects")

DISABLED = "KMS.DisabledException"
WITHOUT_MATERIAL = "KMS.KMSInvalidStateException"


def key_arn(kms, **said):
    return kms.create_key(**said)["KeyMetadata"]["Arn"]


@check("S10", "SSE-KMS: explicit and by bucket default, HeadObject names the key")
def encrypted(aws):
    s3, name = aws.client("s3"), bucket(aws)
    by_default, explicit = key_arn(aws.kms), key_arn(aws.kms)
    body = b"plaintext that nobody else is to see"
    plain = s3.put_object(Bucket=name, Key="plain", Body=body)
    has(plain, ServerSideEncryption="AES256", SSEKMSKeyId=None, ETag=f'"{hashlib.md5(body).hexdigest()}"')
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": explicit}
    put = s3.put_object(Bucket=name, Key="explicit", Body=body, **asked)
    has(put, ServerSideEncryption="aws:kms", SSEKMSKeyId=explicit)
    assert put["ETag"] != plain["ETag"], "the digest of the plaintext is told"
    encrypt_by_default(s3, name, by_default)
    s3.put_object(Bucket=name, Key="default", Body=body)
    s3.put_object(Bucket=name, Key="own", Body=body, **asked, BucketKeyEnabled=False)
    s3.put_object(Bucket=name, Key="aes", Body=body, ServerSideEncryption="AES256")
    s3.put_object(Bucket=name, Key="aws", Body=body, ServerSideEncryption="aws:kms", BucketKeyEnabled=False)
    s3.put_object(Bucket=name, Key="alone", Body=body, SSEKMSKeyId=explicit, ServerSideEncryption="aws:kms:dsse")
    # What was there before stays as it was. Without a key's name, aws:kms is the bucket's key only by default.
    wanted = {
        "plain": ("AES256", None, None),
        "explicit": ("aws:kms", explicit, None),
        "default": ("aws:kms", by_default, True),
        "own": ("aws:kms", explicit, None),
        "aes": ("AES256", None, None),
        "alone": ("aws:kms:dsse", explicit, None),
    }
    for key, (algorithm, kms_key, bucket_key) in wanted.items():
        head = s3.head_object(Bucket=name, Key=key)
        has(head, ServerSideEncryption=algorithm, SSEKMSKeyId=kms_key, ContentLength=len(body))
        assert head.get("BucketKeyEnabled") in (bucket_key, bucket_key or False), f"{key}: {head}"
        near(head["LastModified"], aws.now())
        got = s3.get_object(Bucket=name, Key=key)
        has(got, ServerSideEncryption=algorithm, SSEKMSKeyId=kms_key)
        same(got["Body"].read(), body, key)
    managed = s3.head_object(Bucket=name, Key="aws")["SSEKMSKeyId"]
    assert managed.startswith(f"arn:aws:kms:{HERE}:{aws.account()}:key/"), managed
    # Whoever puts needs GenerateDataKey, whoever gets needs Decrypt: S3 asks with their own rights.
    someone = user(aws, "s3:*")
    mine = someone.client("s3")
    denied(mine.put_object, Bucket=name, Key="mine", Body=body)
    denied(mine.get_object, Bucket=name, Key="default")
    same(read(mine, name, "plain"), body)
    someone.may("s3:*", "kms:GenerateDataKey")
    mine.put_object(Bucket=name, Key="mine", Body=body)
    denied(mine.get_object, Bucket=name, Key="mine")
    someone.may("s3:*", "kms:Decrypt")
    same(read(mine, name, "mine"), body)
    denied(mine.put_object, Bucket=name, Key="mine", Body=body)
    # Only through S3, which the key's policy can ask for, as it can for the bucket's name.
    about = {"StringEquals": {"kms:ViaService": f"s3.{HERE}.amazonaws.com"}}
    only = statement("Allow", "kms:Decrypt", principal=someone.arn, conditions=about)
    aws.kms.put_key_policy(KeyId=explicit, Policy=text(admin(aws.account()), only))
    someone.may("s3:*")
    same(read(mine, name, "own"), body)
    denied(mine.get_object, Bucket=name, Key="mine")
    bound = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}/explicit"}}
    only = statement("Allow", "kms:Decrypt", principal=someone.arn, conditions=bound)
    aws.kms.put_key_policy(KeyId=explicit, Policy=text(admin(aws.account()), only))
    same(read(mine, name, "explicit"), body)
    denied(mine.get_object, Bucket=name, Key="own")


@check("S11", "Key revocation: GetObject fails when the KMS key is disabled")
def disabled(aws):
    s3, name = aws.client("s3"), bucket(aws)
    key = key_arn(aws.kms)
    s3.put_object(Bucket=name, Key="open", Body=b"open")
    encrypt_by_default(s3, name, key)
    s3.put_object(Bucket=name, Key="one", Body=b"bytes")
    aws.kms.disable_key(KeyId=key)
    refused(DISABLED, s3.get_object, Bucket=name, Key="one")
    refused(DISABLED, s3.put_object, Bucket=name, Key="two", Body=b"x")
    refused(DISABLED, s3.copy_object, Bucket=name, Key="two", CopySource={"Bucket": name, "Key": "one"})
    same(read(s3, name, "open"), b"open")
    listed = s3.list_objects_v2(Bucket=name)["Contents"]
    same([(entry["Key"], entry["Size"]) for entry in listed], [("one", 5), ("open", 4)])
    aws.kms.enable_key(KeyId=key)
    same(read(s3, name, "one"), b"bytes")
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="two")
    aws.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused(WITHOUT_MATERIAL, s3.get_object, Bucket=name, Key="one")
    aws.kms.cancel_key_deletion(KeyId=key)
    refused(DISABLED, s3.get_object, Bucket=name, Key="one")
    aws.kms.enable_key(KeyId=key)
    same(read(s3, name, "one"), b"bytes")
    s3.delete_object(Bucket=name, Key="one")
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="one")


@check("S12", "Key revocation: GetObject fails when imported material is deleted, works after reimport")
def without_material(aws):
    s3, name = aws.client("s3"), bucket(aws)
    key, material = imported_key(aws.kms)
    arn = aws.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    for bucket_key in (True, False):
        encrypt_by_default(s3, name, arn, bucket_key)
        s3.put_object(Bucket=name, Key=f"{bucket_key}", Body=b"bytes")
    aws.kms.delete_imported_key_material(KeyId=key)
    for bucket_key in (True, False):
        refused(WITHOUT_MATERIAL, s3.get_object, Bucket=name, Key=f"{bucket_key}")
    refused(WITHOUT_MATERIAL, s3.put_object, Bucket=name, Key="three", Body=b"x")
    refused("IncorrectKeyMaterialException", import_into, kms=aws.kms, key=key, material=secret())
    refused(WITHOUT_MATERIAL, s3.get_object, Bucket=name, Key="True")
    import_into(aws.kms, key, material)
    for bucket_key in (True, False):
        same(read(s3, name, f"{bucket_key}"), b"bytes")


@check("S13", "PutObject with an unknown key -> KMS.NotFoundException")
def unknown_key(aws):
    s3, name = aws.client("s3"), bucket(aws)
    unknown = f"arn:aws:kms:{HERE}:{aws.account()}:key/11111111-2222-3333-4444-555555555555"
    elsewhere = key_arn(aws.kms_in(THERE))
    put = {"Bucket": name, "Key": "one", "Body": b"x", "ServerSideEncryption": "aws:kms"}
    for key in (unknown, unknown.rsplit("/", 1)[1], "alias/nobody-made-this"):
        refused("KMS.NotFoundException", s3.put_object, **put, SSEKMSKeyId=key)
    # A key has to be in the Region of the bucket.
    refused(("KMS.NotFoundException", "InvalidArgument"), s3.put_object, **put, SSEKMSKeyId=elsewhere)
    encrypt_by_default(s3, name, unknown)
    refused("KMS.NotFoundException", s3.put_object, Bucket=name, Key="one", Body=b"x")
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="one")
    alias = f"alias/{unique_name()}"
    aws.kms.create_alias(AliasName=alias, TargetKeyId=create(aws.kms))
    answer = s3.put_object(**put, SSEKMSKeyId=alias)
    assert answer["SSEKMSKeyId"].startswith(f"arn:aws:kms:{HERE}:{aws.account()}:key/"), answer
    mac = create(aws.kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    refused("KMS.InvalidKeyUsageException", s3.put_object, **put, SSEKMSKeyId=mac)


@check("E44", "Objects: metadata, ranges, conditions of reads and writes, copies, pages of lists, deletions")
def of_objects(aws):
    s3, name = aws.client("s3"), bucket(aws)
    body = b"0123456789"
    put = s3.put_object(
        Bucket=name,
        Key="a/b c+ü",
        Body=body,
        ContentType="text/plain",
        Metadata={"who": "ada"},
        Tagging="t=1&u=x+y",
    )
    got = s3.get_object(Bucket=name, Key="a/b c+ü")
    has(got, ContentType="text/plain", Metadata={"who": "ada"}, ETag=put["ETag"], TagCount=2, AcceptRanges="bytes")
    same(got["Body"].read(), body)
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket=name, Key="a/b c+ü")["TagSet"]}
    same(tags, {"t": "1", "u": "x y"})
    for wanted, part in (("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-2", b"89")):
        got = s3.get_object(Bucket=name, Key="a/b c+ü", Range=wanted)
        same((got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]), (part, 206), wanted)
    refused("InvalidRange", s3.get_object, Bucket=name, Key="a/b c+ü", Range="bytes=20-30")
    etag = put["ETag"]
    refused("PreconditionFailed", s3.get_object, Bucket=name, Key="a/b c+ü", IfMatch='"other"')
    refused("304", s3.get_object, Bucket=name, Key="a/b c+ü", IfNoneMatch=etag)
    # Conditional writes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    refused("PreconditionFailed", s3.put_object, Bucket=name, Key="a/b c+ü", Body=b"x", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=name, Key="a/b c+ü", Body=b"x", IfMatch='"other"')
    refused("NoSuchKey", s3.put_object, Bucket=name, Key="missing", Body=b"x", IfMatch=etag)
    s3.put_object(Bucket=name, Key="new", Body=b"x", IfNoneMatch="*")
    s3.put_object(Bucket=name, Key="a/b c+ü", Body=b"second", IfMatch=etag)
    refused("BadDigest", s3.put_object, Bucket=name, Key="new", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    # Copies, also under another key.
    key = key_arn(aws.kms)
    copy = s3.copy_object(
        Bucket=name,
        Key="copy",
        CopySource={"Bucket": name, "Key": "a/b c+ü"},
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    has(copy, SSEKMSKeyId=key)
    same(read(s3, name, "copy"), b"second")
    refused("NoSuchKey", s3.copy_object, Bucket=name, Key="x", CopySource={"Bucket": name, "Key": "missing"})
    # Lists, page by page and by folder.
    for number in range(5):
        s3.put_object(Bucket=name, Key=f"list/{number}/x", Body=b"")
    seen, more = [], {}
    while True:
        page = s3.list_objects_v2(Bucket=name, Prefix="list/", MaxKeys=2, **more)
        seen += [entry["Key"] for entry in page["Contents"]]
        if not page["IsTruncated"]:
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
        assert len(seen) < 10, seen
    same(seen, [f"list/{number}/x" for number in range(5)])
    folders = s3.list_objects_v2(Bucket=name, Delimiter="/")
    same([entry["Prefix"] for entry in folders["CommonPrefixes"]], ["a/", "list/"])
    same([entry["Key"] for entry in folders["Contents"]], ["copy", "new"])
    gone = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "new"}, {"Key": "never-there"}]})
    same(sorted(entry["Key"] for entry in gone["Deleted"]), ["never-there", "new"])
    refused("404", s3.head_object, Bucket=name, Key="new")


@check("E45", "Versions: each can be read, a delete marker hides and can be taken away")
def versions(aws):
    s3, name = aws.client("s3"), versioned_bucket(aws)
    ids = [s3.put_object(Bucket=name, Key="one", Body=body)["VersionId"] for body in (b"first", b"second")]
    same(read(s3, name, "one"), b"second")
    same(read(s3, name, "one", VersionId=ids[0]), b"first")
    marker = s3.delete_object(Bucket=name, Key="one")
    has(marker, DeleteMarker=True)
    refused("NoSuchKey", s3.get_object, Bucket=name, Key="one")
    refused("MethodNotAllowed", s3.get_object, Bucket=name, Key="one", VersionId=marker["VersionId"])
    shown = s3.list_object_versions(Bucket=name)
    same([(one["VersionId"], one["IsLatest"]) for one in shown["Versions"]], [(ids[1], False), (ids[0], False)])
    same([(one["VersionId"], one["IsLatest"]) for one in shown["DeleteMarkers"]], [(marker["VersionId"], True)])
    assert "Contents" not in s3.list_objects_v2(Bucket=name)
    s3.delete_object(Bucket=name, Key="one", VersionId=marker["VersionId"])
    same(read(s3, name, "one"), b"second")
    s3.delete_object(Bucket=name, Key="one", VersionId=ids[1])
    same(read(s3, name, "one"), b"first")
    refused("NoSuchVersion", s3.get_object, Bucket=name, Key="one", VersionId=ids[1])
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(Bucket=name, Key="one", Body=b"null version").get("VersionId") in (None, "null")
    s3.put_object(Bucket=name, Key="one", Body=b"null version again")
    same(read(s3, name, "one", VersionId="null"), b"null version again")
    same(read(s3, name, "one", VersionId=ids[0]), b"first")


@check("E46", "Uploads in parts: put together in order, encrypted under the bucket's key, or given up")
def in_parts(aws):
    s3, name = aws.client("s3"), bucket(aws)
    key = key_arn(aws.kms)
    encrypt_by_default(s3, name, key)
    sent = [b"a" * (5 * 1024 * 1024), b"the rest"]
    begun = s3.create_multipart_upload(Bucket=name, Key="large")
    has(begun, Bucket=name, Key="large", SSEKMSKeyId=key)
    upload = {"Bucket": name, "Key": "large", "UploadId": begun["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(sent, 1)
    ]
    refused("404", s3.head_object, Bucket=name, Key="large")
    same([one["Key"] for one in s3.list_multipart_uploads(Bucket=name)["Uploads"]], ["large"])
    same([one["Size"] for one in s3.list_parts(**upload)["Parts"]], [len(body) for body in sent])
    wrong = {"Parts": [{**parts[0], "ETag": '"0"'}]}
    refused("InvalidPart", s3.complete_multipart_upload, **upload, MultipartUpload=wrong)
    refused("InvalidPartOrder", s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts[::-1]})
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert done["ETag"].endswith('-2"'), done["ETag"]
    has(s3.head_object(Bucket=name, Key="large"), ContentLength=len(b"".join(sent)), SSEKMSKeyId=key)
    stored = io.BytesIO()
    s3.download_fileobj(name, "large", stored)
    same(stored.getvalue() == b"".join(sent), True, "the bytes of both parts")
    refused("NoSuchUpload", s3.list_parts, **{**upload, "UploadId": "never-begun"})
    given_up = s3.create_multipart_upload(Bucket=name, Key="other")["UploadId"]
    s3.abort_multipart_upload(Bucket=name, Key="other", UploadId=given_up)
    same(s3.list_multipart_uploads(Bucket=name).get("Uploads"), None)
    aws.kms.disable_key(KeyId=key)
    refused(DISABLED, s3.get_object, Bucket=name, Key="large")


@check("E50", "What else is asked of buckets and objects: attributes, tags, owners, lists, links, what nobody set")
def what_else(aws):
    s3, name = aws.client("s3"), bucket(aws)
    put = {"Bucket": name, "Key": "one"}
    answer = s3.put_object(**put, Body=b"body")
    named = s3.get_object_attributes(**put, ObjectAttributes=["ETag", "ObjectSize", "StorageClass", "Checksum"])
    has(named, ObjectSize=4, ETag=answer["ETag"].strip('"'), StorageClass="STANDARD")
    s3.put_object_tagging(**put, Tagging={"TagSet": [{"Key": "team", "Value": "keys"}]})
    same(s3.get_object_tagging(**put)["TagSet"], [{"Key": "team", "Value": "keys"}])
    s3.delete_object_tagging(**put)
    same(s3.get_object_tagging(**put)["TagSet"], [])
    owner = s3.list_buckets()["Owner"]["ID"]
    for shown in (s3.get_bucket_acl(Bucket=name), s3.get_object_acl(**put)):
        same(shown["Owner"]["ID"], owner)
        same([(one["Grantee"]["ID"], one["Permission"]) for one in shown["Grants"]], [(owner, "FULL_CONTROL")])
    # The bucket's owner has everything in it, and no list of others.
    refused("AccessControlListNotSupported", s3.put_object, **put, Body=b"x", ACL="public-read")
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=name, ACL="public-read")
    same([one["Key"] for one in s3.list_objects(Bucket=name)["Contents"]], ["one"])
    for ask, code_ in (
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
        (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
    ):
        refused(code_, ask, Bucket=name)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    # A link that was signed before is as good as its signer, as long as it says.
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", put, ExpiresIn=60)) as got:
        same(got.read(), b"body")
    stranger = user(aws).client("s3").generate_presigned_url("get_object", put, ExpiresIn=60)
    altered = s3.generate_presigned_url("get_object", put, ExpiresIn=60).replace("/one?", "/two?")
    for link in (stranger, altered, f"{aws.server.endpoint}/{name}/one"):
        try:
            urllib.request.urlopen(link).close()
        except urllib.error.HTTPError as error:
            same(error.code, 403)
        else:
            raise AssertionError(f"{link} is good")
