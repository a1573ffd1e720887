"""The rest of IAM that is there: tags on everything, providers, password policy, reports, service-linked roles."""

import json

from asserting import has, near, refused, same, until
from checks import group
from people import allow, document, role, root, statement, text, unique, user

check = group("IAM")

# Any certificate's thumbprint has this form.
THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"
METADATA = (
    '<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">'
    "</KeyDescriptor><SingleSignOnService "
    'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>'
    f"</IDPSSODescriptor></EntityDescriptor><!-- {'x' * 1000} -->"
)


@check("E32", "Tags on users, policies, MFA devices and providers: added, replaced, listed, removed")
def tags_everywhere(aws):
    iam, someone, name = aws.iam, user(aws), unique("Tagged")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(allow("kms:*")))["Policy"]["Arn"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{name.lower()}.example.com", ThumbprintList=[THUMBPRINT]
    )
    provider = {"OpenIDConnectProviderArn": provider["OpenIDConnectProviderArn"]}
    for tag, untag, listed, what in (
        (iam.tag_user, iam.untag_user, iam.list_user_tags, {"UserName": someone.name}),
        (iam.tag_policy, iam.untag_policy, iam.list_policy_tags, {"PolicyArn": policy}),
        (iam.tag_mfa_device, iam.untag_mfa_device, iam.list_mfa_device_tags, {"SerialNumber": device}),
        (
            iam.tag_open_id_connect_provider,
            iam.untag_open_id_connect_provider,
            iam.list_open_id_connect_provider_tags,
            provider,
        ),
    ):
        tag(**what, Tags=[{"Key": "one", "Value": "1"}, {"Key": "two", "Value": ""}])
        tag(**what, Tags=[{"Key": "one", "Value": "new"}])
        same(listed(**what)["Tags"], [{"Key": "one", "Value": "new"}, {"Key": "two", "Value": ""}], tag.__name__)
        untag(**what, TagKeys=["one"])
        same(listed(**what)["Tags"], [{"Key": "two", "Value": ""}], untag.__name__)


@check("E33", "OIDC and SAML providers, as principals of roles too")
def providers(aws):
    iam, name = aws.iam, unique("idp")
    url = f"https://{name}.example.com/path"
    made = iam.create_open_id_connect_provider(Url=url, ClientIDList=["one"], ThumbprintList=[THUMBPRINT])
    arn = made["OpenIDConnectProviderArn"]
    assert arn.endswith(f":oidc-provider/{name}.example.com/path"), arn
    asked = {"OpenIDConnectProviderArn": arn}
    iam.add_client_id_to_open_id_connect_provider(**asked, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(**asked, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(**asked, ThumbprintList=[THUMBPRINT[::-1]])
    shown = iam.get_open_id_connect_provider(**asked)
    has(shown, ClientIDList=["two"], ThumbprintList=[THUMBPRINT[::-1]], Url=url.removeprefix("https://"))
    assert arn in {entry["Arn"] for entry in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    refused("EntityAlreadyExists", iam.create_open_id_connect_provider, Url=url, ThumbprintList=[THUMBPRINT])
    trust = text(statement("Allow", "sts:AssumeRoleWithWebIdentity", principal={"Federated": arn}, resource=None))
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.delete_open_id_connect_provider(**asked)
    refused("NoSuchEntity", iam.get_open_id_connect_provider, **asked)
    saml = iam.create_saml_provider(Name=name, SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    same(iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"], METADATA)
    assert saml in {entry["Arn"] for entry in iam.list_saml_providers()["SAMLProviderList"]}
    refused("EntityAlreadyExists", iam.create_saml_provider, Name=name, SAMLMetadataDocument=METADATA)
    iam.delete_saml_provider(SAMLProviderArn=saml)
    refused("NoSuchEntity", iam.get_saml_provider, SAMLProviderArn=saml)


@check("E34", "Password policy, credential report, service-linked roles, renamed users and groups")
def the_rest(aws):
    iam, someone = aws.iam, user(aws)
    refused("NoSuchEntity", iam.get_account_password_policy)
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    has(iam.get_account_password_policy()["PasswordPolicy"], MinimumPasswordLength=14, RequireSymbols=True)
    iam.delete_account_password_policy()
    refused("NoSuchEntity", iam.get_account_password_policy)
    iam.generate_credential_report()
    until(lambda: iam.generate_credential_report()["State"] == "COMPLETE", "the credential report is made")
    report = iam.get_credential_report()
    near(report["GeneratedTime"], aws.now())
    head, *rows = report["Content"].decode().splitlines()
    same(head.split(",")[:3], ["user", "arn", "user_creation_time"])
    assert any(row.startswith(f"{someone.name},{someone.arn},") for row in rows), rows
    assert rows[0].startswith("<root_account>,"), rows[0]
    renamed = unique("Renamed")
    iam.update_user(UserName=someone.name, NewUserName=renamed, NewPath="/new/")
    has(iam.get_user(UserName=renamed)["User"], Path="/new/", UserName=renamed)
    refused("NoSuchEntity", iam.get_user, UserName=someone.name)
    assert someone.client("sts").get_caller_identity()["Arn"].endswith(f":user/new/{renamed}")
    old, new = unique("Old"), unique("New")
    iam.create_group(GroupName=old)
    iam.update_group(GroupName=old, NewGroupName=new)
    same(iam.get_group(GroupName=new)["Group"]["GroupName"], new)
    linked = iam.create_service_linked_role(AWSServiceName="mrk.kms.amazonaws.com")["Role"]
    has(linked, RoleName="AWSServiceRoleForKeyManagementServiceMultiRegionKeys")
    assert "/aws-service-role/mrk.kms.amazonaws.com/" in linked["Arn"], linked["Arn"]
    refused("UnmodifiableEntity", iam.delete_role, RoleName=linked["RoleName"])
    task = iam.delete_service_linked_role(RoleName=linked["RoleName"])["DeletionTaskId"]
    until(
        lambda: iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED",
        "the service-linked role is deleted",
    )
    refused("NoSuchEntity", iam.get_role, RoleName=linked["RoleName"])


@check("E35", "Role boundaries, role descriptions, context keys of a principal's policies, instance profiles")
def of_roles(aws):
    iam, account = aws.iam, aws.account()
    arn = role(aws, root(account), "kms:*")
    name = arn.rsplit("/", 1)[1]
    boundary = iam.create_policy(PolicyName=unique("Cap"), PolicyDocument=json.dumps(allow("kms:Encrypt")))[
        "Policy"
    ]["Arn"]
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    has(iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"], PermissionsBoundaryArn=boundary)
    asked = {"PolicySourceArn": arn, "ActionNames": ["kms:Encrypt", "kms:Decrypt"]}
    results = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    same(
        {one["EvalActionName"]: one["EvalDecision"] for one in results},
        {"kms:Encrypt": "allowed", "kms:Decrypt": "implicitDeny"},
    )
    iam.delete_role_permissions_boundary(RoleName=name)
    same(iam.update_role_description(RoleName=name, Description="new")["Role"]["Description"], "new")
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    conditional = document(statement("Allow", "kms:Sign", conditions=condition))
    iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(conditional))
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
    same(keys, ["aws:RequestedRegion"])
    same(iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"], [])
    same(iam.list_instance_profiles()["InstanceProfiles"], [])
    profile = unique("Machine")
    made = iam.create_instance_profile(InstanceProfileName=profile, Tags=[{"Key": "a", "Value": "b"}])[
        "InstanceProfile"
    ]
    same((made["Roles"], made["Tags"]), ([], [{"Key": "a", "Value": "b"}]))
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=name)
    refused("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName=profile, RoleName=name)
    listed = iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]
    same([(one["InstanceProfileName"], one["Roles"][0]["Arn"]) for one in listed], [(profile, arn)])
    iam.delete_role_policy(RoleName=name, PolicyName="only")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    refused("DeleteConflict", iam.delete_role, RoleName=name)
    refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName=profile)
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=name)
    iam.delete_instance_profile(InstanceProfileName=profile)
    refused("NoSuchEntity", iam.get_instance_profile, InstanceProfileName=profile)
    iam.delete_role(RoleName=name)


@check(
    "E60",
    "Console passwords under the account's policy; SSH keys and certificates that nobody has; a clean deletion",
)
def of_users(aws):
    iam, someone = aws.iam, user(aws, "iam:ChangePassword")
    name = {"UserName": someone.name}
    refused("NoSuchEntity", iam.get_login_profile, **name)
    refused("PasswordPolicyViolation", iam.create_login_profile, **name, Password="aaaaaaaa")
    made = iam.create_login_profile(**name, Password="Correct-horse-1", PasswordResetRequired=True)["LoginProfile"]
    has(iam.get_login_profile(**name)["LoginProfile"], UserName=someone.name, CreateDate=made["CreateDate"])
    refused("EntityAlreadyExists", iam.create_login_profile, **name, Password="Correct-horse-2")
    own = someone.client("iam")
    own.change_password(OldPassword="Correct-horse-1", NewPassword="Correct-horse-2")
    refused("AccessDenied", own.change_password, OldPassword="Correct-horse-1", NewPassword="Correct-horse-3")
    same(iam.get_login_profile(**name)["LoginProfile"]["PasswordResetRequired"], False)
    iam.update_login_profile(**name, Password="Correct-horse-4", PasswordResetRequired=True)
    refused("DeleteConflict", iam.delete_user, **name)
    same(iam.list_ssh_public_keys(**name)["SSHPublicKeys"], [])
    same(iam.list_signing_certificates(**name)["Certificates"], [])
    same(iam.list_service_specific_credentials(**name)["ServiceSpecificCredentials"], [])
    same(iam.list_server_certificates()["ServerCertificateMetadataList"], [])
    refused("NoSuchEntity", iam.delete_ssh_public_key, **name, SSHPublicKeyId="APKAEIBAERJR2EXAMPLE")
    refused("NoSuchEntity", iam.delete_signing_certificate, **name, CertificateId="TA7SMP42TDN5Z26OBPJE7EXAMPLE")
    refused("NoSuchEntity", iam.delete_server_certificate, ServerCertificateName="none")
    for key in iam.list_access_keys(**name)["AccessKeyMetadata"]:
        iam.delete_access_key(**name, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_user_policies(**name)["PolicyNames"]:
        iam.delete_user_policy(**name, PolicyName=policy)
    iam.delete_login_profile(**name)
    refused("NoSuchEntity", iam.delete_login_profile, **name)
    iam.delete_user(**name)
