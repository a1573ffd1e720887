"""The made-up company that the sandbox starts with: whatever can be seen of it has AWS's form."""

from botocore.exceptions import ClientError

from asserting import pages
from checks import group
from place import Place, Server

check = group("When asked for")

ACCOUNTS = {
    "111111111111": ("eu-central-1", "us-east-1"),
    "555555555555": ("us-gov-west-1",),
    "666666666666": ("cn-north-1",),
}
PAGING = {"marker": "Marker", "truncated": "IsTruncated", "limit": "MaxItems"}
# A key is not of every kind: these say that it cannot do what was asked, or not now.
NOT_THIS_KEY = {
    "DisabledException",
    "InvalidKeyUsageException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
    "AccessDeniedException",
}


@check(
    "E37", "Everything of the seeded company, in three partitions, has the form of the service models", limit_s=90
)
def company(aws):
    address = aws.server.variants.get("company")
    assert address, "a company cannot be asked for"
    keys = principals = 0
    for account, regions in ACCOUNTS.items():
        there = Place(Server("company", address, account), aws.record)
        for region in regions:
            keys += look_at_keys(there.client("kms", region))
            look_around(there, region)
        principals += look_at_iam(there.client("iam", regions[0]))
    assert keys > 30 and principals > 20, f"{keys} keys, {principals} users, groups and roles"


def look_at_keys(kms):
    keys = [entry["KeyId"] for entry in pages(kms.list_keys, "Keys", size=7)]
    pages(kms.list_aliases, "Aliases", size=7)
    kms.describe_custom_key_stores()
    for key in keys:
        for ask in (
            kms.describe_key,
            kms.get_key_policy,
            kms.list_key_policies,
            kms.list_resource_tags,
            kms.list_grants,
            kms.list_aliases,
            kms.get_key_rotation_status,
            kms.get_key_last_usage,
            kms.get_public_key,
        ):
            where_it_applies(ask, KeyId=key)
        where_it_applies(kms.list_key_rotations, KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        where_it_applies(kms.encrypt, KeyId=key, Plaintext=b"x")
    return len(keys)


def look_around(there, region):
    """What is around the keys of a Region."""
    there.client("cloudhsmv2", region).describe_clusters()
    there.client("s3", region).list_buckets()
    there.client("ec2", region).describe_regions(AllRegions=True)
    there.client("cloudtrail", region).lookup_events(MaxResults=50)
    there.client("cloudtrail", region).describe_trails()
    there.client("logs", region).describe_log_groups()
    there.client("cloudwatch", region).describe_alarms()
    there.client("cloudwatch", region).list_metrics(Namespace="AWS/KMS")
    tagging = there.client("resourcegroupstaggingapi", region)
    tagging.get_resources()
    for entry in tagging.get_tag_keys()["TagKeys"]:
        tagging.get_tag_values(Key=entry)
    there.client("account", region).list_regions()
    organizations = there.client("organizations", region)
    try:
        organizations.describe_organization()
    except organizations.exceptions.AWSOrganizationsNotInUseException:
        return
    for root in organizations.list_roots()["Roots"]:
        organizations.list_organizational_units_for_parent(ParentId=root["Id"])
        organizations.list_policies_for_target(TargetId=root["Id"], Filter="SERVICE_CONTROL_POLICY")
    for account in organizations.list_accounts()["Accounts"]:
        organizations.describe_account(AccountId=account["Id"])
        organizations.list_parents(ChildId=account["Id"])
        organizations.list_tags_for_resource(ResourceId=account["Id"])


def where_it_applies(ask, **said):
    try:
        ask(**said)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in NOT_THIS_KEY, f"{ask.__name__}: {code}"


def look_at_iam(iam):
    users, roles, groups = (
        [entry[f"{kind}Name"] for entry in pages(ask, f"{kind}s", size=5, **PAGING)]
        for kind, ask in (("User", iam.list_users), ("Role", iam.list_roles), ("Group", iam.list_groups))
    )
    for name in users:
        of_users = (
            iam.get_user,
            iam.list_user_policies,
            iam.list_attached_user_policies,
            iam.list_groups_for_user,
        )
        for ask in (*of_users, iam.list_mfa_devices, iam.list_user_tags):
            ask(UserName=name)
    for name in roles:
        for ask in (iam.get_role, iam.list_role_policies, iam.list_attached_role_policies, iam.list_role_tags):
            ask(RoleName=name)
    for name in groups:
        for ask in (iam.get_group, iam.list_group_policies, iam.list_attached_group_policies):
            ask(GroupName=name)
    iam.get_account_authorization_details()
    iam.get_account_summary()
    iam.list_account_aliases()
    iam.list_virtual_mfa_devices()
    return len(users) + len(roles) + len(groups)
