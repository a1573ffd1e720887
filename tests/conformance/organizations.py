"""Organizations: accounts that are made, listed, entered, and held by the organisation's policies."""

import secrets

from asserting import denied, has, near, refused, same, until, without_doubles
from checks import group
from material import create
from people import session, statement, text, unique
from place import HERE, Place

check = group("Organizations")

DOOR = "OrganizationAccountAccessRole"


def organisation(aws):
    """A new organisation of the check's account; what AWS says of it."""
    return aws.client("organizations", "us-east-1").create_organization(FeatureSet="ALL")["Organization"]


def make_account(aws, word="member", **said):
    """A new account in the organisation; its number."""
    organizations = aws.client("organizations", "us-east-1")
    email = f"{word}+{secrets.token_hex(6)}@example.com"
    asked = organizations.create_account(Email=email, AccountName=word, **said)["CreateAccountStatus"]
    shown = {}

    def done():
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
        shown.update(status["CreateAccountStatus"])
        return shown["State"] != "IN_PROGRESS"

    until(done, "the account is made", seconds=15)
    same((shown["State"], shown.get("FailureReason")), ("SUCCEEDED", None))
    return shown["AccountId"]


def entered(aws, account, role=DOOR):
    """The credentials of a session in the role that a new account comes with."""
    return session(aws.sts, f"arn:aws:iam::{account}:role/{role}", "administrator")


def entries(ask, member, **said):
    """All of a list, page by page."""
    found, more = [], {}
    while True:
        page = ask(**said, **more)
        assert len(page[member]) <= said.get("MaxResults", 1000), f"{len(page[member])} entries on a page"
        found += page[member]
        if not page.get("NextToken"):
            return found
        more = {"NextToken": page["NextToken"]}
        assert len(found) < 1000, "the list does not end"


@check("T07", "Accounts through Organizations: CreateAccount, AssumeRole OrganizationAccountAccessRole")
def accounts(aws):
    organisation(aws)
    mine, account = aws.account(), make_account(aws)
    assert len(account) == 12 and account != mine, account
    given = entered(aws, account)
    has(
        aws.client("sts", credentials=given).get_caller_identity(),
        Account=account,
        Arn=f"arn:aws:sts::{account}:assumed-role/{DOOR}/administrator",
    )
    key = create(aws.client("kms", HERE, given))
    refused("NotFoundException", aws.kms.describe_key, KeyId=key)
    denied(aws.kms.describe_key, KeyId=f"arn:aws:kms:{HERE}:{account}:key/{key}")
    named = make_account(aws, "other", RoleName="Door")
    entered(aws, named, "Door")
    refused("AccessDenied", aws.sts.assume_role, RoleArn=f"arn:aws:iam::{named}:role/{DOOR}", RoleSessionName="no")
    # Nobody else comes in, also from another member.
    for who in (Place(aws.server, aws.record).sts, aws.client("sts", HERE, entered(aws, named, "Door"))):
        denied(who.assume_role, RoleArn=f"arn:aws:iam::{account}:role/{DOOR}", RoleSessionName="no")
    # An address belongs to one account.
    organizations = aws.client("organizations", "us-east-1")
    email = organizations.describe_account(AccountId=account)["Account"]["Email"]
    asked = organizations.create_account(Email=email, AccountName="again")["CreateAccountStatus"]

    def failed():
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
        return status["CreateAccountStatus"].get("FailureReason") == "EMAIL_ALREADY_EXISTS"

    until(failed, "an address that is taken is refused")


@check("O03", "Organizations ListAccounts paginated, DescribeOrganization")
def listed(aws):
    organizations, mine = aws.client("organizations", "us-east-1"), aws.account()
    for ask in (organizations.describe_organization, organizations.list_accounts):
        refused("AWSOrganizationsNotInUseException", ask)
    made = organisation(aws)
    has(made, FeatureSet="ALL", MasterAccountId=mine)
    same(made["Arn"], f"arn:aws:organizations::{mine}:organization/{made['Id']}")
    same(organizations.describe_organization()["Organization"]["Id"], made["Id"])
    refused("AlreadyInOrganizationException", organizations.create_organization, FeatureSet="ALL")
    members = [make_account(aws, f"member{number}") for number in range(4)]
    for size in ({}, {"MaxResults": 2}, {"MaxResults": 1}):
        found = entries(organizations.list_accounts, "Accounts", **size)
        same(without_doubles(found, "Id"), {mine, *members}, f"accounts with {size}")
    (shown,) = [one for one in found if one["Id"] == members[0]]
    has(shown, Name="member0", Status="ACTIVE", JoinedMethod="CREATED")
    same(shown["Arn"], f"arn:aws:organizations::{mine}:account/{made['Id']}/{members[0]}")
    near(shown["JoinedTimestamp"], aws.now())
    (first,) = [one for one in found if one["Id"] == mine]
    has(first, JoinedMethod="INVITED", Status="ACTIVE")
    # A member may ask which organisation it is in, and not who else is.
    inside = aws.client("organizations", "us-east-1", entered(aws, members[0]))
    same(inside.describe_organization()["Organization"]["Id"], made["Id"])
    denied(inside.list_accounts)
    refused("AccountNotFoundException", organizations.describe_account, AccountId="000000000001")
    # Units are a tree.
    (top,) = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=top["Id"], Name="Keys")["OrganizationalUnit"]
    below = {"ParentId": top["Id"], "Name": "Keys"}
    refused("DuplicateOrganizationalUnitException", organizations.create_organizational_unit, **below)
    organizations.move_account(AccountId=members[1], SourceParentId=top["Id"], DestinationParentId=unit["Id"])
    there = organizations.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]
    same([one["Id"] for one in there], [members[1]])
    same(
        organizations.list_parents(ChildId=members[1])["Parents"],
        [{"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}],
    )
    refused(
        "OrganizationalUnitNotEmptyException",
        organizations.delete_organizational_unit,
        OrganizationalUnitId=unit["Id"],
    )
    refused("OrganizationNotEmptyException", organizations.delete_organization)


@check("E48", "Service control policies bind the members, whoever asks there, and not the management account")
def control(aws):
    organizations = aws.client("organizations", "us-east-1")
    organisation(aws)
    account, neighbour = make_account(aws), make_account(aws, "neighbour")
    (top,) = organizations.list_roots()["Roots"]
    if not [one for one in top["PolicyTypes"] if one["Type"] == "SERVICE_CONTROL_POLICY"]:
        organizations.enable_policy_type(RootId=top["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    kms, other = (aws.client("kms", HERE, entered(aws, number)) for number in (account, neighbour))
    key, other_key, own_key = create(kms), create(other), create(aws.kms)
    # Keys may not be deleted, nor disabled without MFA.
    document = text(
        statement("Deny", "kms:ScheduleKeyDeletion", "kms:DeleteImportedKeyMaterial"),
        statement("Deny", "kms:DisableKey", conditions={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    )
    said = {"Type": "SERVICE_CONTROL_POLICY", "Description": "keeps keys"}
    made = organizations.create_policy(Name=unique("keep"), Content=document, **said)["Policy"]["PolicySummary"]
    has(made, Type="SERVICE_CONTROL_POLICY", AwsManaged=False)
    wrong = {"Name": unique("wrong"), "Content": text({"Effect": "Deny", "Action": "kms:*"}), **said}
    refused("MalformedPolicyDocumentException", organizations.create_policy, **wrong)
    organizations.attach_policy(PolicyId=made["Id"], TargetId=account)
    targets = organizations.list_targets_for_policy(PolicyId=made["Id"])["Targets"]
    same([(one["TargetId"], one["Type"]) for one in targets], [(account, "ACCOUNT")])
    asked = {"PendingWindowInDays": 7}
    denied(kms.schedule_key_deletion, KeyId=key, **asked)
    denied(kms.disable_key, KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    other.schedule_key_deletion(KeyId=other_key, **asked)
    organizations.detach_policy(PolicyId=made["Id"], TargetId=account)
    organizations.attach_policy(PolicyId=made["Id"], TargetId=top["Id"])
    denied(kms.disable_key, KeyId=key)
    denied(other.delete_imported_key_material, KeyId=other_key)
    aws.kms.schedule_key_deletion(KeyId=own_key, **asked)
    refused("PolicyInUseException", organizations.delete_policy, PolicyId=made["Id"])
    organizations.detach_policy(PolicyId=made["Id"], TargetId=top["Id"])
    organizations.delete_policy(PolicyId=made["Id"])
    kms.schedule_key_deletion(KeyId=key, **asked)
    # A principal's organisation is a condition that key policies know.
    org_id = organizations.describe_organization()["Organization"]["Id"]
    ours = statement(
        "Allow",
        "kms:Encrypt",
        principal="*",
        conditions={"StringEquals": {"aws:PrincipalOrgID": org_id}},
    )
    shared = create(aws.kms)
    root = statement("Allow", "kms:*", principal=f"arn:aws:iam::{aws.account()}:root")
    aws.kms.put_key_policy(KeyId=shared, Policy=text(root, ours))
    arn = f"arn:aws:kms:{HERE}:{aws.account()}:key/{shared}"
    kms.encrypt(KeyId=arn, Plaintext=b"x")
    denied(Place(aws.server, aws.record).kms.encrypt, KeyId=arn, Plaintext=b"x")


@check("E51", "An organisation's tree, tags, policies and trusted services; accounts that leave")
def the_rest(aws):
    organizations = aws.client("organizations", "us-east-1")
    organisation(aws)
    account = make_account(aws)
    (top,) = organizations.list_roots()["Roots"]
    outer = organizations.create_organizational_unit(ParentId=top["Id"], Name="Outer")["OrganizationalUnit"]["Id"]
    inner = organizations.create_organizational_unit(ParentId=outer, Name="Inner")["OrganizationalUnit"]["Id"]
    organizations.update_organizational_unit(OrganizationalUnitId=inner, Name="Core")
    shown = organizations.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"]
    has(shown, Id=inner, Name="Core")
    units = organizations.list_organizational_units_for_parent(ParentId=outer)["OrganizationalUnits"]
    same([one["Id"] for one in units], [inner])
    organizations.move_account(AccountId=account, SourceParentId=top["Id"], DestinationParentId=inner)
    children = organizations.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"]
    same(children, [{"Id": account, "Type": "ACCOUNT"}])
    refused("ParentNotFoundException", organizations.list_accounts_for_parent, ParentId="ou-none-11111111")
    tags = [{"Key": "stage", "Value": "prod"}]
    organizations.tag_resource(ResourceId=account, Tags=tags)
    same(organizations.list_tags_for_resource(ResourceId=account)["Tags"], tags)
    organizations.untag_resource(ResourceId=account, TagKeys=["stage"])
    same(organizations.list_tags_for_resource(ResourceId=account)["Tags"], [])
    states = entries(organizations.list_create_account_status, "CreateAccountStatuses", States=["SUCCEEDED"])
    same([one["AccountId"] for one in states], [account])
    if not top["PolicyTypes"]:
        organizations.enable_policy_type(RootId=top["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    kind = {"Filter": "SERVICE_CONTROL_POLICY"}
    same([one["Name"] for one in organizations.list_policies(**kind)["Policies"]], ["FullAWSAccess"])
    deny = text(statement("Deny", "kms:DisableKey"))
    said = {"Type": "SERVICE_CONTROL_POLICY", "Description": ""}
    policy = organizations.create_policy(Name="keep", Content=deny, **said)["Policy"]["PolicySummary"]["Id"]
    refused("DuplicatePolicyException", organizations.create_policy, Name="keep", Content=deny, **said)
    organizations.update_policy(PolicyId=policy, Description="keeps keys")
    shown = organizations.describe_policy(PolicyId=policy)["Policy"]
    same((shown["Content"], shown["PolicySummary"]["Description"]), (deny, "keeps keys"))
    organizations.attach_policy(PolicyId=policy, TargetId=outer)
    refused("DuplicatePolicyAttachmentException", organizations.attach_policy, PolicyId=policy, TargetId=outer)
    names = {one["Name"] for one in organizations.list_policies_for_target(TargetId=outer, **kind)["Policies"]}
    same(names, {"FullAWSAccess", "keep"})
    # What is attached above holds below.
    kms = aws.client("kms", HERE, entered(aws, account))
    denied(kms.disable_key, KeyId=create(kms))
    organizations.detach_policy(PolicyId=policy, TargetId=outer)
    refused("PolicyNotAttachedException", organizations.detach_policy, PolicyId=policy, TargetId=outer)
    kms.disable_key(KeyId=create(kms))
    organizations.delete_policy(PolicyId=policy)
    refused("PolicyNotFoundException", organizations.describe_policy, PolicyId=policy)
    service = "cloudtrail.amazonaws.com"
    organizations.enable_aws_service_access(ServicePrincipal=service)
    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    same([one["ServicePrincipal"] for one in trusted], [service])
    organizations.disable_aws_service_access(ServicePrincipal=service)
    refused("MasterCannotLeaveOrganizationException", organizations.leave_organization)


@check("E53", "Resource control policies: a perimeter holds against whoever is let in from outside")
def perimeter(aws):
    organizations = aws.client("organizations", "us-east-1")
    home = organisation(aws)["Id"]
    account = make_account(aws)
    kms, outside = aws.client("kms", HERE, entered(aws, account)), Place(aws.server, aws.record)
    policy = text(statement("Allow", "kms:*", principal="*"))
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    outside.kms.encrypt(KeyId=key, Plaintext=b"x")
    (top,) = organizations.list_roots()["Roots"]
    kind = "RESOURCE_CONTROL_POLICY"
    said = {"Type": kind, "Description": "a perimeter"}
    conditions = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": home}}
    content = text({**statement("Deny", "kms:*", conditions=conditions), "Principal": "*"})
    refused("MalformedPolicyDocumentException", organizations.create_policy, Name="x", Content=policy, **said)
    made = organizations.create_policy(Name="perimeter", Content=content, **said)["Policy"]["PolicySummary"]
    has(made, Type=kind, AwsManaged=False)
    asked = {"PolicyId": made["Id"], "TargetId": account}
    refused("PolicyTypeNotEnabledException", organizations.attach_policy, **asked)
    organizations.enable_policy_type(RootId=top["Id"], PolicyType=kind)
    organizations.attach_policy(**asked)
    names = organizations.list_policies_for_target(TargetId=account, Filter=kind)["Policies"]
    same({one["Name"] for one in names}, {"RCPFullAWSAccess", "perimeter"})
    denied(outside.kms.encrypt, KeyId=key, Plaintext=b"x")
    kms.encrypt(KeyId=key, Plaintext=b"x")
    aws.kms.encrypt(KeyId=key, Plaintext=b"x")
    organizations.detach_policy(**asked)
    outside.kms.encrypt(KeyId=key, Plaintext=b"x")
    refused(
        "ConstraintViolationException",
        organizations.detach_policy,
        PolicyId="p-RCPFullAWSAccess",
        TargetId=account,
    )


@check(
    "E55",
    "Invitations: sent, accepted, declined, cancelled, and shown to both sides until they are forgotten",
    moves_clock=True,
)
def invitations(aws):
    organizations = aws.client("organizations", "us-east-1")
    home, outside = organisation(aws)["Id"], Place(aws.server, aws.record)
    number, asked = outside.account(), outside.client("organizations", "us-east-1")
    target = {"Target": {"Type": "ACCOUNT", "Id": number}}
    sent = organizations.invite_account_to_organization(**target, Notes="join us")["Handshake"]
    has(sent, State="REQUESTED", Action="INVITE")
    same({(one["Type"], one["Id"]) for one in sent["Parties"]}, {("ORGANIZATION", home), ("ACCOUNT", number)})
    same((sent["ExpirationTimestamp"] - sent["RequestedTimestamp"]).days, 15)
    refused("DuplicateHandshakeException", organizations.invite_account_to_organization, **target)
    refused("AccessDeniedException", organizations.accept_handshake, HandshakeId=sent["Id"])
    has(asked.decline_handshake(HandshakeId=sent["Id"])["Handshake"], State="DECLINED")
    refused("InvalidHandshakeTransitionException", asked.accept_handshake, HandshakeId=sent["Id"])
    second = organizations.invite_account_to_organization(**target)["Handshake"]
    has(organizations.cancel_handshake(HandshakeId=second["Id"])["Handshake"], State="CANCELED")
    third = organizations.invite_account_to_organization(**target)["Handshake"]
    received = asked.list_handshakes_for_account()["Handshakes"]
    same({one["State"] for one in received}, {"DECLINED", "CANCELED", "REQUESTED"})
    has(asked.accept_handshake(HandshakeId=third["Id"])["Handshake"], State="ACCEPTED")
    has(organizations.describe_account(AccountId=number)["Account"], JoinedMethod="INVITED", Status="ACTIVE")
    has(asked.describe_organization()["Organization"], Id=home)
    refused("HandshakeConstraintViolationException", organizations.invite_account_to_organization, **target)
    # What was invited can leave again.
    asked.leave_organization()
    refused("AccountNotFoundException", organizations.describe_account, AccountId=number)
    fourth = organizations.invite_account_to_organization(**target)["Handshake"]
    aws.advance(days=16)
    has(organizations.describe_handshake(HandshakeId=fourth["Id"])["Handshake"], State="EXPIRED")
    aws.advance(days=31)
    same(organizations.list_handshakes_for_organization()["Handshakes"], [])


@check(
    "E56",
    "CloseAccount: nobody of it asks, nobody uses what is in it, and after 90 days it is no member",
    moves_clock=True,
)
def closing(aws):
    organizations = aws.client("organizations", "us-east-1")
    organisation(aws)
    account = make_account(aws)
    kms = aws.client("kms", HERE, entered(aws, account))
    key = kms.create_key(Policy=text(statement("Allow", "kms:*", principal="*")))["KeyMetadata"]["Arn"]
    aws.kms.encrypt(KeyId=key, Plaintext=b"x")
    refused("ConstraintViolationException", organizations.close_account, AccountId=aws.account())
    refused("AccountNotFoundException", organizations.close_account, AccountId="123456789012")
    organizations.close_account(AccountId=account)

    def closed():
        return organizations.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"

    until(closed, "the account is closed", seconds=15)
    refused("AccountAlreadyClosedException", organizations.close_account, AccountId=account)
    refused("UnrecognizedClientException", kms.list_keys)
    denied(aws.kms.encrypt, KeyId=key, Plaintext=b"x")
    refused("OrganizationNotEmptyException", organizations.delete_organization)
    aws.advance(days=91)
    refused("AccountNotFoundException", organizations.describe_account, AccountId=account)
    organizations.delete_organization()
