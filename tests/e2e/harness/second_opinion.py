"""What boto3 says of the keys with an alias: `second_opinion.py ENDPOINT ALIAS`."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "peers"))

from clients import boto3_client, regions


def main(endpoint, alias):
    found = []
    for region in regions(endpoint):
        kms = boto3_client("kms", endpoint, region)
        pages = kms.get_paginator("list_aliases").paginate()
        for one in (each for page in pages for each in page["Aliases"]):
            if one["AliasName"] == alias:
                key = one["TargetKeyId"]
                told = kms.describe_key(KeyId=key)["KeyMetadata"]
                tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]}
                found.append({"arn": told["Arn"], "state": told["KeyState"], "origin": told["Origin"], "tags": tags})
    json.dump(found, sys.stdout)


main(sys.argv[1], sys.argv[2])
