"""The commands that the app shows are the commands: typed into a shell, they make the same key."""

import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from backup_opens_with_age import age, age_decrypt
from clients import boto3_client
from key_files import private_key_file, secret_file
from openssl import openssl
from proofs import holds, makes_macs_of, signatures_hold
from servers import ownkey_sandbox
from uploading import PASSPHRASE, app_uploads

TAGS = '[{"key": "team", "value": "it is = a + b @home"}]'
BACKUP = "age --encrypt --armor --passphrase --output material.age material.bin"
# What is another one for every key.
OWN = ("Arn", "KeyId", "CreationDate", "CurrentKeyMaterialId")


def check_shown_commands_make_the_same_key(report):
    """aws, openssl and age, typed as the plan shows them, make a key like the app's, of the same bytes"""
    valid_to = datetime.now(timezone.utc) + timedelta(days=20)
    expiry = ("--valid-to", valid_to.strftime("%Y-%m-%dT%H:%M:%SZ"))
    with ownkey_sandbox("empty") as endpoint, tempfile.TemporaryDirectory() as name:
        kms, folder = boto3_client("kms", endpoint), Path(name)
        with app_uploads(endpoint) as app:
            for make, spec, usage, held, words in (
                (secret_file, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", symmetric, expiry),
                (secret_file, "HMAC_384", "GENERATE_VERIFY_MAC", makes_macs_of, ()),
                (private_key_file, "RSA_3072", "SIGN_VERIFY", signatures_hold, ("--multi-region",)),
                (private_key_file, "ECC_NIST_P521", "SIGN_VERIFY", signatures_hold, expiry),
            ):
                file = make(folder, spec)
                words += ("--description", "what's in $HOME?", "--tags", TAGS)
                words += ("--alias", f"shown/{spec}")
                told = app.upload(file, usage, *words)
                theirs = told["key"]
                # The alias is taken now: what is shown is typed where it is free again.
                kms.delete_alias(AliasName=f"alias/shown/{spec}")
                ours = typed(told["commands"], file, app.env)
                assert told_of(kms, ours) == told_of(kms, theirs), (spec, told_of(kms, ours))
                # Last: where nothing else proves it, the bytes are imported once more.
                assert held(kms, ours, file), spec
                report(f"{file}: {len(told['commands'])} commands")
        # Asks for its passphrase at a terminal, and takes its time: typed once, and there.
        (folder / "material.bin").write_bytes(file.material)
        age(BACKUP.split()[1:], PASSPHRASE, folder)
        assert age_decrypt(folder / "material.age", PASSPHRASE) == file.material
    report(version(app.env))


def typed(commands, file, env):
    """Types the commands, each after the one before has succeeded; the ARN of the key."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "material.bin").write_bytes(file.material)
        backup, *rest = commands
        assert backup == BACKUP, backup
        script = "\n".join(["set -eu", *rest, 'printf %s "$KEY" > key.arn'])
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=folder,
            env=with_aws_command(env),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"
        return (folder / "key.arn").read_text()


def with_aws_command(env):
    programs = str(Path(sys.executable).parent)
    return {**env, "PATH": f"{programs}{os.pathsep}{env['PATH']}"}


def version(env):
    command = ["aws", "--version"]
    done = subprocess.run(command, env=with_aws_command(env), capture_output=True, text=True)
    return f"{done.stdout.split()[0]}, {openssl('version').decode().strip()}"


def symmetric(kms, key, file):
    return holds(kms, key, file.material)


def told_of(kms, key):
    """What AWS says of a key, but for what is another one for every key, and for its alias."""
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    told = {name: value for name, value in told.items() if name not in OWN}
    regions = told.pop("MultiRegionConfiguration", {})
    told["Role"] = regions.get("MultiRegionKeyType")
    told["Tags"] = kms.list_resource_tags(KeyId=key)["Tags"]
    told["Policy"] = kms.get_key_policy(KeyId=key)["Policy"]
    return told


CHECKS = [check_shown_commands_make_the_same_key]
