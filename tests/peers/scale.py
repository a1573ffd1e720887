"""Many keys: none is lost, and memory does not grow with their number."""

from clients import app_sync, boto3_keys, regions
from servers import ownkey_sandbox

MEMORY_RATIO = 1.2


def check_twenty_thousand_keys(report):
    """20,000 keys are all cached, with at most 1.2 times the memory of 2,000"""
    few, many = synchronised(2_000), synchronised(20_000)
    ratio = many["peak_rss_mib"] / few["peak_rss_mib"]
    report(
        f"2,000 keys: {few['seconds']:.1f} s, peak {few['peak_rss_mib']:.0f} MiB; "
        f"20,000 keys: {many['seconds']:.1f} s, peak {many['peak_rss_mib']:.0f} MiB; ratio {ratio:.2f}"
    )
    assert ratio <= MEMORY_RATIO, f"memory grew {ratio:.2f} times"


def synchronised(count):
    with ownkey_sandbox(count) as endpoint:
        listed = {region: boto3_keys(endpoint, region) for region in regions(endpoint)}
        in_use = [region for region, arns in listed.items() if arns]
        expected = sorted(arn for arns in listed.values() for arn in arns)
        assert len(expected) == count, f"boto3 lists {len(expected)} of {count} keys"
        told = app_sync(endpoint, in_use)
    assert told["keys"] == expected, f"{len(set(expected) - set(told['keys']))} of {count} keys are missing"
    assert told["outcome"] == "complete", told["outcome"]
    return told


CHECKS = [check_twenty_thousand_keys]
