"""Prints the customer's keys behind an endpoint, as boto3 sees them: a second opinion for the window tests.

`list_keys.py ENDPOINT [REGION…]`; without regions all of the account, which only the commercial partition is asked for.
"""

import json
import sys

from clients import boto3_client, boto3_keys, customer_managed, regions


def main(endpoint, *wanted):
    keys = []
    for region in wanted or regions(endpoint):
        kms = boto3_client("kms", endpoint, region)
        for arn in customer_managed(endpoint, region, boto3_keys(endpoint, region)):
            told = kms.describe_key(KeyId=arn)["KeyMetadata"]
            names = ("Origin", "KeyState", "ValidTo", "Description")
            keys.append({"Arn": arn, **{name: told.get(name) for name in names}})
    json.dump(keys, sys.stdout, default=lambda time: time.isoformat())


main(*sys.argv[1:])
