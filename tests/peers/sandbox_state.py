"""`ownkey-sandbox --state FILE` goes on where it was, in the next process."""

import stat
import tempfile
from pathlib import Path

from clients import boto3_client
from servers import ownkey_sandbox


def check_state_survives_a_restart(report):
    """keys, aliases, tags and ciphertexts are good in the next process; the file is its owner's only"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "aws"
        with ownkey_sandbox("company", "--state", str(file)) as endpoint:
            kms = boto3_client("kms", endpoint)
            key = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "payments"}])["KeyMetadata"]
            kms.create_alias(AliasName="alias/kept", TargetKeyId=key["KeyId"])
            blob = kms.encrypt(KeyId="alias/kept", Plaintext=b"one message")["CiphertextBlob"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, oct(file.stat().st_mode)
        with ownkey_sandbox("empty", "--state", str(file)) as endpoint:
            kms = boto3_client("kms", endpoint)
            opened = kms.decrypt(CiphertextBlob=blob)
            assert opened["Plaintext"] == b"one message"
            assert opened["KeyId"] == key["Arn"]
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            assert tags == [{"TagKey": "team", "TagValue": "payments"}], tags
        report(f"{file.stat().st_size // 1024} KiB")


CHECKS = (check_state_survives_a_restart,)
