"""The ways of asking: boto3, the `aws` command, and the app's own synchronisation."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore.config import Config

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def boto3_client(service, endpoint, region="us-east-1"):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=os.environ.get("OWNKEY_PEER_ACCESS_KEY_ID", "test"),
        aws_secret_access_key="test",
        config=Config(max_pool_connections=32, retries={"mode": "standard", "max_attempts": 3}),
    )


def regions(endpoint):
    answer = boto3_client("ec2", endpoint).describe_regions()
    return sorted(region["RegionName"] for region in answer["Regions"])


def boto3_keys(endpoint, region):
    """The ARNs of the keys, as boto3 lists them; the ones that AWS manages are among them."""
    kms = boto3_client("kms", endpoint, region)
    pages = kms.get_paginator("list_keys").paginate()
    return sorted(key["KeyArn"] for page in pages for key in page["Keys"])


def customer_managed(endpoint, region, arns):
    """Those of the keys that belong to the customer, as boto3 describes them."""
    kms = boto3_client("kms", endpoint, region)

    def manager(arn):
        return kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyManager"]

    return [arn for arn in arns if manager(arn) == "CUSTOMER"]


def aws_command_keys(endpoint, region):
    """The ARNs of the keys, as `aws kms list-keys` lists them."""
    answer = aws_command("kms", "list-keys", endpoint=endpoint, region=region)
    return sorted(key["KeyArn"] for key in answer["Keys"])


def aws_command(*arguments, endpoint, region):
    program = Path(sys.executable).parent / "aws"
    options = ["--endpoint-url", endpoint, "--region", region, "--output", "json"]
    done = subprocess.run(
        [program, *arguments, *options], env=environment(), capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"aws {' '.join(arguments)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def app_sync(endpoint, regions, minutes=10):
    """The app's own synchronisation into a fresh folder; what it says about it."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
        files = {name: str(Path(folder) / file) for name, file in files.items()}
        Path(files["AWS_CONFIG_FILE"]).write_text(f"[profile peer]\nregion = {regions[0]}\n")
        Path(files["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
            "[peer]\naws_access_key_id = test\naws_secret_access_key = test\n"
        )
        command = [os.environ["OWNKEY_SYNC_PEER"], "--endpoint", endpoint, "--profile", "peer"]
        command += ["--regions", ",".join(regions), "--data-dir", str(Path(folder) / "data")]
        done = subprocess.run(
            command,
            env={**without_aws(), **files},
            capture_output=True,
            text=True,
            timeout=minutes * 60,
        )
    if done.returncode != 0:
        said = done.stdout.strip() + done.stderr.strip()
        raise RuntimeError(f"the app's sync ended with {done.returncode}: {said}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def environment():
    """For the aws command: the sandbox's administrator, and nothing of this machine's."""
    none = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**without_aws(), **none, **CREDENTIALS, "AWS_PAGER": ""}


def without_aws():
    """This process's environment without anything that says which AWS to ask, and as whom."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, "AWS_EC2_METADATA_DISABLED": "true"}
