"""The app's synchronisation against MiniStack, an emulator that others wrote."""

from concurrent.futures import ThreadPoolExecutor

from clients import app_sync, boto3_client
from servers import ministack

LISTABLE = 1000  # MiniStack's ListKeys gives no more, and no marker to go on from.


def check_two_regions(report):
    """300 keys that boto3 made in two regions are all in the app's cache"""
    with ministack() as endpoint:
        made = create(endpoint, "eu-west-1", 180) + create(endpoint, "us-east-1", 120)
        told = app_sync(endpoint, ["eu-west-1", "us-east-1"])
    missing = sorted(set(made) - set(told["keys"]))
    assert not missing, f"missing: {missing}"
    assert len(told["keys"]) == len(made), f"{len(told['keys'])} keys, {len(made)} were made"
    assert told["outcome"] == "complete", told
    report(f"{len(made)} keys in {told['seconds']:.1f} s")


def check_truncated_without_a_marker(report):
    """a list that is truncated and has no marker ends, and is told to be incomplete"""
    with ministack() as endpoint:
        made = create(endpoint, "eu-west-1", 1050)
        answer = boto3_client("kms", endpoint, "eu-west-1").list_keys(Limit=1000)
        assert answer["Truncated"] and "NextMarker" not in answer, "MiniStack has mended its list"
        listable = {key["KeyArn"] for key in answer["Keys"]}
        told = app_sync(endpoint, ["eu-west-1"])
    assert len(listable) == LISTABLE, len(listable)
    missing = sorted(listable - set(told["keys"]))
    assert not missing, f"missing: {missing}"
    assert set(told["keys"]) <= set(made)
    assert told["outcome"] == "partial", told["outcome"]
    assert "ListKeys" in str(told["refusals"]), told["refusals"]
    report(f"{len(told['keys'])} of {len(made)} keys, told as partial, in {told['seconds']:.1f} s")


def create(endpoint, region, count):
    kms = boto3_client("kms", endpoint, region)

    def one(number):
        return kms.create_key(Description=f"peer {number}")["KeyMetadata"]["Arn"]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


CHECKS = [check_two_regions, check_truncated_without_a_marker]
