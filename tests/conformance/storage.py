"""Buckets that checks make, and what they read from them."""

import json
import secrets

from people import document, statement
from place import HERE

BLOCKED = {
    name: True for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
}


def unique_name(word="conformance"):
    """Bucket names are the partition's, whoever makes them."""
    return f"{word}-{secrets.token_hex(8)}"


def bucket(aws, region=HERE, name=None, s3=None):
    """A new bucket in this region; its name."""
    name = name or unique_name()
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    (s3 or aws.client("s3", region)).create_bucket(Bucket=name, **place)
    return name


def versioned_bucket(aws, region=HERE):
    name = bucket(aws, region)
    aws.client("s3", region).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def encrypt_by_default(s3, name, key, bucket_key=True):
    """Every object of the bucket is encrypted under this key unless it says otherwise."""
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=under(key, bucket_key))


def under(key, bucket_key=True):
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": bucket_key}]}


def read(s3, name, key, **said):
    """The bytes of an object, all of them."""
    return s3.get_object(Bucket=name, Key=key, **said)["Body"].read()


def arns(name):
    """A bucket and what is in it."""
    return [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


def put_policy(s3, name, *statements):
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document(*statements)))


def on(name, effect, *actions, principal, conditions=None):
    """A statement about a bucket and what is in it."""
    return statement(effect, *actions, principal=principal, resource=arns(name), conditions=conditions)
