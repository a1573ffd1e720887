"""What `npm run bench` asks of boto3, a client that is not ours: the same work for comparison, and the truth.

    bench_boto3.py sync   ENDPOINT REGIONS          reads everything about every key: 32 threads, adaptive retries
    bench_boto3.py upload ENDPOINT REGIONS COUNT    uploads keys into each region: 8 threads, boto3's default retries
    bench_boto3.py list   ENDPOINT REGIONS          the customer's keys, and how long an answer takes
    bench_boto3.py named  ENDPOINT REGIONS          the aliases of keys that hold imported material
    bench_boto3.py fill   ENDPOINT REGIONS COUNT    makes keys until each region has so many, a third of them imported

Prints one JSON object. Signs in as `test`.
"""

import concurrent.futures
import json
import os
import resource
import statistics
import sys
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

SYNC_THREADS = 32
UPLOAD_THREADS = 8
STANDARD = {"mode": "standard", "max_attempts": 5}
ADAPTIVE = {"mode": "adaptive", "max_attempts": 10}
THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}


class Counts:
    """Counts requests where they are made, by boto3's own events."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = self.throttled = self.in_flight = self.peak = 0

    def watch(self, client):
        client.meta.events.register("before-send.*", self.sent)
        client.meta.events.register("response-received.*", self.answered)
        return client

    def sent(self, **_):
        with self.lock:
            self.requests += 1
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)

    def answered(self, parsed_response=None, **_):
        code = (parsed_response or {}).get("Error", {}).get("Code")
        with self.lock:
            self.in_flight -= 1
            self.throttled += code in THROTTLED


def clients(service, endpoint, regions, retries, counts=None):
    config = Config(max_pool_connections=SYNC_THREADS, **({"retries": retries} if retries else {}))
    made = {
        region: boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        for region in regions
    }
    for client in made.values() if counts else ():
        counts.watch(client)
    return made


def sync(endpoint, regions):
    counts = Counts()
    kms = clients("kms", endpoint, regions, ADAPTIVE, counts)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SYNC_THREADS) as pool:
        aliases = [pool.submit(aliases_of, kms[region]) for region in regions]
        listed = [(region, key) for region in regions for key in keys_of(kms[region])]
        errors = [error for error in pool.map(lambda one: read_key(kms[one[0]], one[1]), listed) if error]
        for one in aliases:
            one.result()
    return {**told(began, counts), "lost": len(errors), "errors": errors}


def aliases_of(kms):
    pages = kms.get_paginator("list_aliases").paginate()
    return [alias for page in pages for alias in page["Aliases"]]


def keys_of(kms):
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000})
    return [key["KeyId"] for page in pages for key in page["Keys"]]


def read_key(kms, key):
    """What of a key could not be read, if anything."""
    try:
        imported = kms.describe_key(KeyId=key)["KeyMetadata"]["Origin"] == "EXTERNAL"
        kms.get_key_policy(KeyId=key)
        kms.list_resource_tags(KeyId=key)
        if imported:
            kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        else:
            kms.get_key_rotation_status(KeyId=key)
    except (ClientError, BotoCoreError) as error:
        return f"{key}: {error}"
    return None


def upload(endpoint, regions, count):
    counts = Counts()
    kms = clients("kms", endpoint, regions, None, counts)
    mark = os.getpid()
    wanted = [
        (region, f"alias/boto3/{mark}/{region}/{number}") for number in range(int(count)) for region in regions
    ]

    def one(place):
        region, alias = place
        try:
            import_key(kms[region], alias)
        except (ClientError, BotoCoreError) as error:
            return f"{alias}: {error}"
        return None

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(UPLOAD_THREADS) as pool:
        errors = [error for error in pool.map(one, wanted) if error]
    return {**told(began, counts), "aliases": [alias for _, alias in wanted], "errors": errors}


def import_key(kms, alias=None, wrapping="RSA_4096"):
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    if alias:
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec=wrapping
    )
    scheme = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
    kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=load_der_public_key(parameters["PublicKey"]).encrypt(os.urandom(32), scheme),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )


def list_keys(endpoint, regions):
    """Every key of the customer's, by region: its ARN, whether it is imported, and how many aliases there are."""
    kms = clients("kms", endpoint, regions, STANDARD)
    return {"keys": {one: customers(kms[one]) for one in regions}, "round_trip_s": round_trip(endpoint, regions)}


def customers(kms):
    def described(key):
        return kms.describe_key(KeyId=key)["KeyMetadata"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        keys = [one for one in pool.map(described, keys_of(kms)) if one["KeyManager"] == "CUSTOMER"]
    return {
        "arns": sorted(one["Arn"] for one in keys),
        "imported": sum(one["Origin"] == "EXTERNAL" for one in keys),
        "aliases": len(aliases_of(kms)),
    }


def round_trip(endpoint, regions):
    kms = clients("kms", endpoint, regions[:1], STANDARD)[regions[0]]

    def once():
        began = time.monotonic()
        kms.list_keys(Limit=1)
        return time.monotonic() - began

    once()  # Connects.
    return statistics.median(once() for _ in range(9))


def named(endpoint, regions):
    """The aliases of enabled keys with imported material."""
    found = []
    for kms in clients("kms", endpoint, regions, STANDARD).values():
        for alias in aliases_of(kms):
            if "TargetKeyId" not in alias:
                continue
            key = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
            if key["Origin"] == "EXTERNAL" and key["KeyState"] == "Enabled":
                found.append(alias["AliasName"])
    return {"aliases": sorted(found), "round_trip_s": round_trip(endpoint, regions)}


def fill(endpoint, regions, count):
    kms = clients("kms", endpoint, regions, {"mode": "standard", "max_attempts": 30})
    made = {}
    for region, client in kms.items():
        there = len(customers(client)["arns"])
        missing = range(there, int(count))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: make(client, number), missing))
        made[region] = len(missing)
    return {"made": made}


def make(kms, number):
    if number % 3 == 0:
        import_key(kms, wrapping="RSA_2048")
    else:
        kms.create_key(Tags=[{"TagKey": "number", "TagValue": str(number)}])


def told(began, counts):
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": time.monotonic() - began,
        "requests": counts.requests,
        "throttled": counts.throttled,
        "peak_in_flight": counts.peak,
        "peak_rss_mib": round(peak_kib / 1024, 1),
    }


WORK = {"sync": sync, "upload": upload, "list": list_keys, "named": named, "fill": fill}

if __name__ == "__main__":
    name, address, places, *more = sys.argv[1:]
    json.dump(WORK[name](address, places.split(","), *more), sys.stdout)
