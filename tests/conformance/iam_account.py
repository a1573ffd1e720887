"""The account as a whole: details, summary, MFA devices, alias, providers, what was last used."""

import base64
import hashlib
import hmac
import json
import struct
import time

from asserting import has, pages, refused, same, until
from checks import group
from people import allow, role, root, unique, user

check = group("IAM")

PAGING = {"marker": "Marker", "truncated": "IsTruncated", "limit": "MaxItems"}
LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
}


@check("I08", "GetAccountAuthorizationDetails, GetAccountSummary")
def details(aws):
    iam, group_name, policy_name = aws.iam, unique("Both"), unique("Ours")
    someone = user(aws, "kms:Encrypt")
    arn = role(aws, root(aws.account()), "kms:Decrypt")
    policy = iam.create_policy(PolicyName=policy_name, PolicyDocument=json.dumps(allow("kms:Sign")))["Policy"][
        "Arn"
    ]
    iam.create_group(GroupName=group_name)
    iam.put_group_policy(GroupName=group_name, PolicyName="g", PolicyDocument=json.dumps(allow("kms:Verify")))
    iam.add_user_to_group(GroupName=group_name, UserName=someone.name)
    iam.attach_user_policy(UserName=someone.name, PolicyArn=policy)
    whole = iam.get_account_authorization_details()
    (shown,) = [entry for entry in whole["UserDetailList"] if entry["Arn"] == someone.arn]
    same(shown["UserPolicyList"], [{"PolicyName": "only", "PolicyDocument": allow("kms:Encrypt")}])
    same(
        (shown["GroupList"], [entry["PolicyArn"] for entry in shown["AttachedManagedPolicies"]]),
        ([group_name], [policy]),
    )
    (shown,) = [entry for entry in whole["RoleDetailList"] if entry["Arn"] == arn]
    same(shown["RolePolicyList"], [{"PolicyName": "only", "PolicyDocument": allow("kms:Decrypt")}])
    same(shown["AssumeRolePolicyDocument"]["Statement"][0]["Principal"], {"AWS": root(aws.account())})
    (shown,) = [entry for entry in whole["GroupDetailList"] if entry["GroupName"] == group_name]
    same(shown["GroupPolicyList"], [{"PolicyName": "g", "PolicyDocument": allow("kms:Verify")}])
    (shown,) = [entry for entry in whole["Policies"] if entry["Arn"] == policy]
    (version,) = shown["PolicyVersionList"]
    has(version, VersionId="v1", IsDefaultVersion=True, Document=allow("kms:Sign"))
    for kind, member in LISTS.items():
        filtered = iam.get_account_authorization_details(Filter=[kind])
        same({name for name in LISTS.values() if filtered.get(name)}, {member}, f"Filter={kind}")
    count, marker = 0, {}
    while True:
        page = iam.get_account_authorization_details(MaxItems=1, **marker)
        sizes = [len(page.get(name, [])) for name in LISTS.values()]
        assert sum(sizes) <= 1, sizes
        count += sum(sizes)
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
        assert count < 100, "the list does not end"
    same(count, sum(len(whole[name]) for name in LISTS.values()), "entries page by page")
    summary = iam.get_account_summary()["SummaryMap"]
    has(
        summary,
        Users=len(pages(iam.list_users, "Users", **PAGING)),
        Roles=len(pages(iam.list_roles, "Roles", **PAGING)),
        Groups=len(pages(iam.list_groups, "Groups", **PAGING)),
        Policies=len(pages(iam.list_policies, "Policies", Scope="Local", **PAGING)),
        AccessKeysPerUserQuota=2,
        MFADevices=len(iam.list_virtual_mfa_devices()["VirtualMFADevices"]),
    )


@check("I10", "MFA devices, account alias, OIDC/SAML lists, service last accessed job")
def periphery(aws):
    iam, someone = aws.iam, user(aws)
    same(iam.list_mfa_devices(UserName=someone.name)["MFADevices"], [])
    refused("NoSuchEntity", iam.list_mfa_devices, UserName="nobody")
    name = f"ownkey-{hashlib.sha256(someone.arn.encode()).hexdigest()[:20]}"
    same(iam.list_account_aliases()["AccountAliases"], [])
    iam.create_account_alias(AccountAlias=name)
    same(iam.list_account_aliases()["AccountAliases"], [name])
    iam.delete_account_alias(AccountAlias=name)
    same(iam.list_account_aliases()["AccountAliases"], [])
    refused("NoSuchEntity", iam.delete_account_alias, AccountAlias=name)
    same(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], [])
    same(iam.list_saml_providers()["SAMLProviderList"], [])
    someone.may("kms:ListKeys")
    someone.kms.list_keys()
    job = iam.generate_service_last_accessed_details(Arn=someone.arn)["JobId"]
    asked = {"JobId": job}
    until(lambda: iam.get_service_last_accessed_details(**asked)["JobStatus"] == "COMPLETED", "the job is done")
    report = iam.get_service_last_accessed_details(**asked)
    services = {entry["ServiceNamespace"]: entry for entry in report["ServicesLastAccessed"]}
    assert "kms" in services, sorted(services)
    assert "LastAuthenticated" in services["kms"], services["kms"]
    refused("NoSuchEntity", iam.generate_service_last_accessed_details, Arn=f"{someone.arn}-else")
    refused("NoSuchEntity", iam.get_service_last_accessed_details, JobId="01234567-89ab-cdef-0123-456789abcdef")


@check("E28", "A virtual MFA device: made, enabled by two codes of its seed, demanded by a policy, deactivated")
def mfa(aws):
    iam, someone = aws.iam, user(aws)
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=someone.name)["VirtualMFADevice"]
    assert made["SerialNumber"].endswith(f":mfa/{someone.name}"), made["SerialNumber"]
    device = {"UserName": someone.name, "SerialNumber": made["SerialNumber"]}
    codes = {"AuthenticationCode1": code(made, -1), "AuthenticationCode2": code(made, 0)}
    turned = {
        "AuthenticationCode1": codes["AuthenticationCode2"],
        "AuthenticationCode2": codes["AuthenticationCode1"],
    }
    refused("InvalidAuthenticationCode", iam.enable_mfa_device, **device, **turned)
    iam.enable_mfa_device(**device, **codes)
    (shown,) = iam.list_mfa_devices(UserName=someone.name)["MFADevices"]
    has(shown, **device)
    same(len(iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]), 1)
    refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=made["SerialNumber"])
    someone.may("kms:ListKeys", conditions={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    refused("AccessDeniedException", someone.kms.list_keys)
    given = someone.client("sts").get_session_token(SerialNumber=made["SerialNumber"], TokenCode=code(made, 1))
    aws.client("kms", credentials=given["Credentials"]).list_keys()
    iam.deactivate_mfa_device(**device)
    same(iam.list_mfa_devices(UserName=someone.name)["MFADevices"], [])
    iam.delete_virtual_mfa_device(SerialNumber=made["SerialNumber"])


def code(device, later):
    """RFC 6238: the code of now, or of so many turns later."""
    turn = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(device["Base32StringSeed"]), turn, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
