"""What was asked for besides the material is in AWS after an upload, and nothing is left over."""

import json
import tempfile
from datetime import datetime, timedelta, timezone

from clients import boto3_client
from key_files import secret_file
from servers import ownkey_sandbox
from uploading import SERVERS, app_uploads, at_work


def check_what_was_asked_for_is_there(report):
    """alias, description, tags, multi-Region and expiry are in AWS as asked for, and nothing is left over"""
    tags = [{"key": "team", "value": "payments"}, {"key": "Größe", "value": "a b_.:/=+-@9"}]
    valid_to = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
    for server in SERVERS:
        with at_work(server) as (app, kms, folder):
            words = ("--alias", "peer/asked", "--description", "it's $HOME & more")
            words += ("--tags", json.dumps(tags), "--multi-region")
            words += ("--valid-to", valid_to.strftime("%Y-%m-%dT%H:%M:%SZ"))
            file = secret_file(folder, "SYMMETRIC_DEFAULT")
            key = app.upload(file, "ENCRYPT_DECRYPT", *words)["key"]
            told = kms.describe_key(KeyId="alias/peer/asked")["KeyMetadata"]
            assert told["Arn"] == key, told
            assert told["Description"] == "it's $HOME & more", told
            assert told["MultiRegion"] and told["KeyId"].startswith("mrk-"), told
            assert told["ExpirationModel"] == "KEY_MATERIAL_EXPIRES", told
            assert told["ValidTo"] == valid_to, told
            found = kms.list_resource_tags(KeyId=key)["Tags"]
            found = sorted(({"key": one["TagKey"], "value": one["TagValue"]} for one in found), key=str)
            assert found == sorted(tags, key=str), found
            plain = app.upload(secret_file(folder, "HMAC_256"), "GENERATE_VERIFY_MAC")["key"]
            told = kms.describe_key(KeyId=plain)["KeyMetadata"]
            assert told["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE", told
            assert "ValidTo" not in told and not told["MultiRegion"], told
            assert not kms.list_resource_tags(KeyId=plain)["Tags"]
            assert not kms.list_aliases(KeyId=plain)["Aliases"]
        report(f"{server}: two keys")


def check_policies_arrive_as_typed(report):
    """a policy that was typed as JSON is in AWS letter by letter"""
    for server in SERVERS:
        with at_work(server) as (app, kms, folder):
            everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
            root = {"Principal": {"AWS": f"arn:aws:iam::{'0' * 12}:root"}}
            policy = {"Version": "2012-10-17", "Statement": [{**everything, **root}]}
            text = json.dumps(policy, indent=3) + "\n"
            file = secret_file(folder, "SYMMETRIC_DEFAULT")
            words = ("--policy", json.dumps({"raw": text}))
            key = app.upload(file, "ENCRYPT_DECRYPT", *words)["key"]
            found = kms.get_key_policy(KeyId=key)["Policy"]
            assert found == text, (server, found)
        report(f"{server}: {len(text)} characters")


def check_basic_policies_are_the_references(report):
    """a policy of basic mode has the statements of the reference, and no others"""
    with ownkey_sandbox("company") as endpoint, tempfile.TemporaryDirectory() as folder:
        users = boto3_client("iam", endpoint).list_users()["Users"]
        user, account = users[0]["Arn"], users[0]["Arn"].split(":")[4]
        with app_uploads(endpoint) as app:
            draft = json.dumps({"basic": {"keyUsers": [users[0]["UserName"]]}})
            file = secret_file(folder, "SYMMETRIC_DEFAULT")
            key = app.upload(file, "ENCRYPT_DECRYPT", "--policy", draft)["key"]
        text = boto3_client("kms", endpoint).get_key_policy(KeyId=key)["Policy"]
    policy = json.loads(text)
    assert (policy["Version"], policy["Id"]) == ("2012-10-17", "key-consolepolicy-3"), policy
    root = f"arn:aws:iam::{account}:root"
    found = [normalised(statement) for statement in policy["Statement"]]
    expected = [normalised(statement) for statement in reference(root, user)]
    # What goes beyond the reference: public keys of asymmetric keys, as in AWS's own console.
    found[1]["Action"] -= {"kms:GetPublicKey"}
    assert found == expected, text
    report(f"{len(found)} statements")


def reference(root, user):
    """The statements that the key manager of the reference writes for one user of a key."""
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    grants = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    on_behalf = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        {"Principal": {"AWS": root}, "Action": "kms:*"},
        {"Principal": {"AWS": user}, "Action": use},
        {"Principal": {"AWS": user}, "Action": grants, "Condition": on_behalf},
    ]


def normalised(statement):
    """What a statement means: one value and a list of one are the same, and its name says nothing."""

    def several(value):
        return {value} if isinstance(value, str) else set(value)

    return {
        "Effect": statement.get("Effect", "Allow"),
        "Principal": several(statement["Principal"]["AWS"]),
        "Action": several(statement["Action"]),
        "Resource": statement.get("Resource", "*"),
        "Condition": statement.get("Condition"),
    }


CHECKS = [
    check_what_was_asked_for_is_there,
    check_policies_arrive_as_typed,
    check_basic_policies_are_the_references,
]
