"""Requests to a sandbox, signed by botocore ahead of time: so many of each kind, one JSON list.

`sign_requests.py ENDPOINT COUNT`. A signature is good for a quarter of an hour and for any number of times, so
whoever sends them measures the server, not a client that signs.
"""

import json
import random
import sys
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
CREDENTIALS = Credentials("test", "test")
TEAMS = ["payments", "orders", "search", "identity", "billing", "logistics", "analytics", "platform"]


def main(endpoint, count):
    kms = boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS.access_key,
        aws_secret_access_key=CREDENTIALS.secret_key,
    )
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000}))
    keys = [key["KeyId"] for page in pages for key in page["Keys"]]
    markers = [page["NextMarker"] for page in pages if "NextMarker" in page]
    chance = random.Random(7)
    tagging = "ResourceGroupsTaggingAPI_20170126.GetResources"
    kinds = {
        "DescribeKey": ("kms", "TrentService.DescribeKey", lambda: {"KeyId": chance.choice(keys)}),
        "ListKeys, 100 a page": (
            "kms",
            "TrentService.ListKeys",
            lambda: {"Limit": 100, "Marker": chance.choice(markers)} if markers else {"Limit": 100},
        ),
        "ListAliases of a key": ("kms", "TrentService.ListAliases", lambda: {"KeyId": chance.choice(keys)}),
        "GetResources by tag, 100 a page": (
            "tagging",
            tagging,
            lambda: {
                "TagFilters": [{"Key": "team", "Values": [chance.choice(TEAMS)]}],
                "ResourceTypeFilters": ["kms:key"],
                "ResourcesPerPage": 100,
            },
        ),
    }
    signed = {
        name: [raw(endpoint, service, target, body()) for _ in range(count)]
        for name, (service, target, body) in kinds.items()
    }
    json.dump({"keys": len(keys), "requests": signed}, sys.stdout)


def raw(endpoint, service, target, body):
    """The bytes of one request, as text."""
    text = json.dumps(body)
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    request = AWSRequest("POST", f"{endpoint}/", headers=headers, data=text)
    SigV4Auth(CREDENTIALS, service, REGION).add_auth(request)
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"Host: {urlsplit(endpoint).netloc}", f"Content-Length: {len(text)}"]
    return "POST / HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n" + text


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
