"""boto3, the `aws` command and the app see the same keys."""

from clients import app_sync, aws_command_keys, boto3_keys, customer_managed, regions
from servers import ownkey_sandbox


def check_company_is_seen_alike(report):
    """boto3, the aws command and the app's cache hold the same keys of the seeded company"""
    with ownkey_sandbox("company") as endpoint:
        everywhere = regions(endpoint)
        by_boto3 = {region: boto3_keys(endpoint, region) for region in everywhere}
        in_use = [region for region in everywhere if by_boto3[region]]
        assert len(in_use) == 6, f"the company uses six regions, not {in_use}"
        for region in in_use:
            assert aws_command_keys(endpoint, region) == by_boto3[region], region
        expected = sorted(
            arn for region in in_use for arn in customer_managed(endpoint, region, by_boto3[region])
        )
        told = app_sync(endpoint, everywhere)
    assert told["keys"] == expected, difference(told["keys"], expected)
    assert told["outcome"] == "complete", told
    listed = sum(len(arns) for arns in by_boto3.values())
    report(
        f"{len(expected)} customer-managed of {listed} listed keys, "
        f"in {len(in_use)} of {len(everywhere)} regions"
    )


def difference(found, expected):
    return f"missing {sorted(set(expected) - set(found))}, too many {sorted(set(found) - set(expected))}"


CHECKS = [check_company_is_seen_alike]
