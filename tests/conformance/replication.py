"""Replication into another Region: the bytes are copied, under another key, if the role may do all of it."""

import json

from botocore.exceptions import ClientError

from asserting import denied, refused, same, until
from checks import group
from material import import_into, imported_key
from multi_region import replicate
from people import document, role, statement, user
from place import HERE, THERE
from storage import bucket, encrypt_by_default, read, versioned_bucket

check = group("S3 replication")

S3 = {"Service": "s3.amazonaws.com"}


def rule(target, key=None, **more):
    """A rule for all objects, those under keys of KMS among them if a key for the copies is named."""
    made = {
        "ID": "everything",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
        **more,
    }
    if key:
        made["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        made["Destination"]["EncryptionConfiguration"] = {"ReplicaKmsKeyID": key}
    return made


def permissions(source, target, source_key=None, target_key=None):
    """What AWS's documentation gives the role of a replication.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""
    statements = [
        statement("Allow", "s3:GetReplicationConfiguration", "s3:ListBucket", resource=f"arn:aws:s3:::{source}"),
        statement(
            "Allow",
            "s3:GetObjectVersionForReplication",
            "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionTagging",
            resource=f"arn:aws:s3:::{source}/*",
        ),
        statement(
            "Allow",
            "s3:ReplicateObject",
            "s3:ReplicateDelete",
            "s3:ReplicateTags",
            resource=f"arn:aws:s3:::{target}/*",
        ),
    ]
    for action, key, region, name in (
        ("kms:Decrypt", source_key, HERE, source),
        ("kms:Encrypt", target_key, THERE, target),
    ):
        if key:
            through = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
            inside = {"kms:EncryptionContext:aws:s3:arn": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}
            conditions = {"StringEquals": through, "StringLike": inside}
            statements.append(statement("Allow", action, resource=key, conditions=conditions))
    return document(*statements)


def replicating_role(aws, policy=None):
    """A role of S3 that may do this, or nothing."""
    arn = role(aws, S3)
    if policy:
        aws.iam.put_role_policy(
            RoleName=arn.rsplit("/", 1)[1], PolicyName="only", PolicyDocument=json.dumps(policy)
        )
    return arn


def configure(s3, source, role_arn, *rules):
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": role_arn, "Rules": list(rules)})


def status(s3, name, key):
    return s3.head_object(Bucket=name, Key=key).get("ReplicationStatus")


def settled(s3, name, key):
    """What became of a copy, as soon as that is decided."""
    until(lambda: status(s3, name, key) in ("COMPLETED", "FAILED"), f"{key} is replicated or not", seconds=15)
    return status(s3, name, key)


def exists(s3, name, key):
    try:
        s3.head_object(Bucket=name, Key=key)
    except ClientError:
        return False
    return True


@check("S05", "PutBucketReplication with SSE-KMS replica key, round trip")
def configured(aws):
    s3, source, target = aws.client("s3"), versioned_bucket(aws), versioned_bucket(aws, THERE)
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=source)
    key = aws.kms_in(THERE).create_key()["KeyMetadata"]["Arn"]
    by = replicating_role(aws)
    wanted = rule(target, key)
    configure(s3, source, by, wanted)
    shown = s3.get_bucket_replication(Bucket=source)["ReplicationConfiguration"]
    same(shown["Role"], by)
    (seen,) = shown["Rules"]
    same(
        {name: seen.get(name) for name in wanted if name != "Filter"},
        {name: wanted[name] for name in wanted if name != "Filter"},
    )
    assert not seen.get("Filter", {}).get("Prefix"), seen
    second = rule(target, key, ID="second", Priority=2, Filter={"Prefix": "logs/"})
    configure(s3, source, by, wanted, second)
    ids = [one["ID"] for one in s3.get_bucket_replication(Bucket=source)["ReplicationConfiguration"]["Rules"]]
    same(sorted(ids), ["everything", "second"])
    # A versioned source stays so while it replicates.
    suspended = {"Bucket": source, "VersioningConfiguration": {"Status": "Suspended"}}
    refused("InvalidBucketState", s3.put_bucket_versioning, **suspended)
    # Encrypted objects need a key for their copies.
    keyless = rule(target, key)
    del keyless["Destination"]["EncryptionConfiguration"]
    wrong = {"Bucket": source, "ReplicationConfiguration": {"Role": by, "Rules": [keyless]}}
    refused(("InvalidRequest", "MalformedXML", "InvalidArgument"), s3.put_bucket_replication, **wrong)
    # Whoever sets it up hands the role to S3, and has to be allowed to.
    someone = user(aws, "s3:*")
    asked = {"Bucket": source, "ReplicationConfiguration": {"Role": by, "Rules": [wanted]}}
    denied(someone.client("s3").put_bucket_replication, **asked)
    someone.may("s3:*", "iam:PassRole")
    someone.client("s3").put_bucket_replication(**asked)
    s3.delete_bucket_replication(Bucket=source)
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=source)
    s3.put_bucket_versioning(**suspended)


@check("S06", "Replication without versioning -> InvalidRequest")
def unversioned(aws):
    s3, by = aws.client("s3"), replicating_role(aws)
    source, versioned, target = bucket(aws), versioned_bucket(aws), versioned_bucket(aws, THERE)
    plain_target = bucket(aws, THERE)
    for one, other in ((source, target), (versioned, plain_target)):
        asked = {"Role": by, "Rules": [rule(other)]}
        refused("InvalidRequest", s3.put_bucket_replication, Bucket=one, ReplicationConfiguration=asked)
        refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=one)
    refused(
        "InvalidRequest",
        s3.put_bucket_replication,
        Bucket=versioned,
        ReplicationConfiguration={"Role": by, "Rules": [rule(f"{target}-that-nobody-made")]},
    )
    configure(s3, versioned, by, rule(target))


@check("S07", "Objects really replicate to the other bucket")
def copied(aws):
    s3, there = aws.client("s3"), aws.client("s3", THERE)
    source, target = versioned_bucket(aws), versioned_bucket(aws, THERE)
    key, material = imported_key(aws.kms, MultiRegion=True)
    replicate(aws, key)
    import_into(aws.kms_in(THERE), key, material)
    here_key = aws.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    there_key = aws.kms_in(THERE).describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    encrypt_by_default(s3, source, here_key)
    s3.put_object(Bucket=source, Key="before", Body=b"was there before the rule")
    by = replicating_role(aws, permissions(source, target, here_key, there_key))
    configure(s3, source, by, rule(target, there_key))
    said = {"Metadata": {"who": "ada"}, "ContentType": "text/plain", "Tagging": "team=security"}
    for name, body, more in (
        ("plain", b"plain bytes", {"ServerSideEncryption": "AES256"}),
        ("sealed", b"sealed bytes", {}),
    ):
        version = s3.put_object(Bucket=source, Key=name, Body=body, **said, **more)["VersionId"]
        same(settled(s3, source, name), "COMPLETED", name)
        got = there.get_object(Bucket=target, Key=name)
        same((got["Body"].read(), got["ReplicationStatus"], got["VersionId"]), (body, "REPLICA", version), name)
        same((got["Metadata"], got["ContentType"], got["TagCount"]), ({"who": "ada"}, "text/plain", 1))
    same(there.head_object(Bucket=target, Key="sealed")["SSEKMSKeyId"], there_key)
    same(s3.head_object(Bucket=source, Key="sealed")["SSEKMSKeyId"], here_key)
    same(exists(there, target, "before"), False, "what was there before is copied")
    # Each copy is its own key's: the source's goes, the copy stays.
    aws.kms.disable_key(KeyId=key)
    refused("KMS.DisabledException", s3.get_object, Bucket=source, Key="sealed")
    same(read(there, target, "sealed"), b"sealed bytes")
    aws.kms.enable_key(KeyId=key)
    aws.kms_in(THERE).disable_key(KeyId=key)
    refused("KMS.DisabledException", there.get_object, Bucket=target, Key="sealed")
    # While the key for the copies cannot be used, there are none.
    s3.put_object(Bucket=source, Key="late", Body=b"late")
    same(settled(s3, source, "late"), "FAILED")
    same(exists(there, target, "late"), False)
    aws.kms_in(THERE).enable_key(KeyId=key)
    # A deletion is not copied unless that is asked for.
    s3.delete_object(Bucket=source, Key="plain")
    same(read(there, target, "plain"), b"plain bytes")


@check(
    "E47", "Replication fails silently for each permission that the role lacks, and for each key it may not use"
)
def without_permissions(aws):
    s3, there = aws.client("s3"), aws.client("s3", THERE)
    here_key = aws.kms.create_key()["KeyMetadata"]["Arn"]
    there_key = aws.kms_in(THERE).create_key()["KeyMetadata"]["Arn"]
    source, target = versioned_bucket(aws), versioned_bucket(aws, THERE)
    encrypt_by_default(s3, source, here_key)
    whole = permissions(source, target, here_key, there_key)
    by = replicating_role(aws, whole)
    name = by.rsplit("/", 1)[1]
    configure(s3, source, by, rule(target, there_key))
    for number, lacking in enumerate(
        ("s3:GetObjectVersionForReplication", "s3:ReplicateObject", "kms:Decrypt", "kms:Encrypt")
    ):
        some = [
            {
                **one,
                "Action": [action for action in one["Action"] if action != lacking] or ["sts:GetCallerIdentity"],
            }
            for one in whole["Statement"]
        ]
        aws.iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(document(*some)))
        s3.put_object(Bucket=source, Key=f"{number}", Body=b"x")
        same(settled(s3, source, f"{number}"), "FAILED", f"without {lacking}")
        same(exists(there, target, f"{number}"), False, f"without {lacking}")
        same(read(s3, source, f"{number}"), b"x")
    aws.iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(whole))
    s3.put_object(Bucket=source, Key="at last", Body=b"x")
    same(settled(s3, source, "at last"), "COMPLETED")
    # A rule without a key for the copies leaves encrypted objects where they are.
    configure(s3, source, by, rule(target))
    s3.put_object(Bucket=source, Key="sealed", Body=b"x")
    s3.put_object(Bucket=source, Key="plain", Body=b"x", ServerSideEncryption="AES256")
    same(settled(s3, source, "plain"), "COMPLETED")
    same((status(s3, source, "sealed"), exists(there, target, "sealed")), (None, False))
    # A role that trusts somebody else is of no use to S3.
    other = role(aws, {"Service": "ec2.amazonaws.com"}, "s3:*", "kms:*")
    configure(s3, source, other, rule(target, there_key))
    s3.put_object(Bucket=source, Key="untrusted", Body=b"x")
    same(settled(s3, source, "untrusted"), "FAILED")
    same(exists(there, target, "untrusted"), False)
