"""Imports by the app into keys that are there: the material they had, and no other."""

import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from clients import boto3_client
from key_files import secret_file
from proofs import MESSAGE, holds, makes_macs_of
from servers import advance, calls, ownkey_sandbox
from uploading import SERVERS, app_uploads, at_work


def check_waiting_keys_are_filled(report):
    """into a key that boto3 made, or emptied, goes the file's material"""
    for server in SERVERS:
        with at_work(server) as (app, kms, folder):
            for spec, usage in (
                ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
                ("HMAC_256", "GENERATE_VERIFY_MAC"),
            ):
                file = secret_file(folder, spec)
                key = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
                key = key["KeyMetadata"]["Arn"]
                app.into(key, file)
                assert state(kms, key) == "Enabled", (server, spec)
                kms.delete_imported_key_material(KeyId=key)
                assert state(kms, key) == "PendingImport", (server, spec)
                told = app.into(key, file)
                assert "sameBytesProved" in [note["note"] for note in told["notes"]], told["notes"]
                assert state(kms, key) == "Enabled", (server, spec)
                if spec == "HMAC_256":
                    assert makes_macs_of(kms, key, file), server
                elif server == "ownkey-sandbox":
                    assert holds(kms, key, file.material)
        report(f"{server}: a first import and a re-import each into SYMMETRIC_DEFAULT and HMAC_256")


def check_material_that_ran_out_comes_back(report):
    """material that ran out comes back from the file, and from then on does not expire"""
    with ownkey_sandbox("empty") as endpoint, tempfile.TemporaryDirectory() as folder:
        kms = boto3_client("kms", endpoint)
        soon = datetime.now(timezone.utc) + timedelta(hours=1)
        with app_uploads(endpoint) as app:
            file = secret_file(folder, "SYMMETRIC_DEFAULT")
            words = ("--valid-to", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
            key = app.upload(file, "ENCRYPT_DECRYPT", *words)["key"]
            blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
            advance(endpoint, 2 * 3600)
            assert state(kms, key) == "PendingImport"
            app.into(key, file)
        told = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert told["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE", told
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
    report("ownkey-sandbox: what was encrypted before is decrypted again")
    report("not supported by MiniStack: material that runs out")


def check_other_bytes_are_not_sent(report):
    """bytes that a key did not have before are refused before AWS is asked to take them"""
    with tempfile.TemporaryDirectory() as name, ownkey_sandbox("empty") as endpoint:
        folder, kms = Path(name), boto3_client("kms", endpoint)
        with app_uploads(endpoint) as app:
            file = secret_file(folder, "SYMMETRIC_DEFAULT")
            key = app.upload(file, "ENCRYPT_DECRYPT")["key"]
            kms.delete_imported_key_material(KeyId=key)
            before = len(calls(endpoint))
            refused = app.ask(
                "--file", secret_file(folder, "SYMMETRIC_DEFAULT").path, "--into", key
            )
            asked = [call["operation"] for call in calls(endpoint)[before:]]
            assert refused["error"]["code"] == "otherMaterial", refused
            sent = {"GetParametersForImport", "ImportKeyMaterial"} & set(asked)
            assert not sent, asked
            app.into(key, file)
        assert state(kms, key) == "Enabled"
    report(f"AWS was asked {len(asked)} times, all of them readings")


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


CHECKS = [
    check_waiting_keys_are_filled,
    check_material_that_ran_out_comes_back,
    check_other_bytes_are_not_sent,
]
