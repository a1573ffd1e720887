"""IAM's policy simulator."""

import json

from asserting import refused, same
from checks import group
from people import allow, document, role, root, statement, unique, user

check = group("IAM")

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def decisions(ask, **said):
    """What is decided about each action: one result, however many resources there are."""
    results = ask(**said)["EvaluationResults"]
    same([one["EvalActionName"] for one in results], said["ActionNames"])
    return {one["EvalActionName"]: one["EvalDecision"] for one in results}


def of_resources(ask, **said):
    """What is decided about each action on each resource."""
    return {
        (one["EvalActionName"], specific["EvalResourceName"]): specific["EvalResourceDecision"]
        for one in ask(**said)["EvaluationResults"]
        for specific in one["ResourceSpecificResults"]
    }


@check("I06", "SimulateCustomPolicy: allowed, implicitDeny, explicitDeny, condition")
def custom(aws):
    simulate = aws.iam.simulate_custom_policy
    policy = document(
        statement("Allow", "kms:Encrypt", "kms:Decrypt", resource=KEY),
        statement("Deny", "kms:Decrypt"),
        statement("Allow", "kms:Sign", conditions={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
    )
    said = {
        "PolicyInputList": [json.dumps(policy)],
        "ActionNames": ["kms:Encrypt", "kms:Decrypt", "kms:CreateKey"],
    }
    elsewhere = KEY.replace("eu-west-1", "us-east-1")
    same(
        decisions(simulate, **said, ResourceArns=[KEY, elsewhere]),
        {"kms:Encrypt": "implicitDeny", "kms:Decrypt": "explicitDeny", "kms:CreateKey": "implicitDeny"},
        "the most restrictive of all resources",
    )
    same(
        of_resources(simulate, **said, ResourceArns=[KEY, elsewhere]),
        {
            ("kms:Encrypt", KEY): "allowed",
            ("kms:Encrypt", elsewhere): "implicitDeny",
            ("kms:Decrypt", KEY): "explicitDeny",
            ("kms:Decrypt", elsewhere): "explicitDeny",
            ("kms:CreateKey", KEY): "implicitDeny",
            ("kms:CreateKey", elsewhere): "implicitDeny",
        },
    )
    signing = {**said, "ActionNames": ["kms:Sign"]}
    for region, wanted in (("eu-west-1", "allowed"), ("us-east-1", "implicitDeny")):
        entry = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [region], "ContextKeyType": "string"}
        same(decisions(simulate, **signing, ContextEntries=[entry]), {"kms:Sign": wanted}, region)
    (only,) = simulate(**signing)["EvaluationResults"]
    same((only["EvalDecision"], only["MissingContextValues"]), ("implicitDeny", ["aws:RequestedRegion"]))
    (only,) = simulate(**{**said, "ActionNames": ["kms:Encrypt"]}, ResourceArns=[KEY])["EvaluationResults"]
    same(only["MatchedStatements"][0]["SourcePolicyId"], "PolicyInputList.1")
    same(only["EvalResourceName"], "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}")
    levels = [{"ServiceControlPolicyInputList": [json.dumps(allow(action))]} for action in ("*", "kms:Decrypt")]
    encrypting = {**said, "ActionNames": ["kms:Encrypt"]}
    (only,) = simulate(**encrypting, OrderedOrganizationPolicyInputList=levels)["EvaluationResults"]
    same(only["EvalDecision"], "implicitDeny")
    same(only["OrganizationsDecisionDetail"], {"AllowedByOrganizations": False})
    boundary = json.dumps(allow("kms:Decrypt"))
    capped = decisions(simulate, **said, ResourceArns=[KEY], PermissionsBoundaryPolicyInputList=[boundary])
    same(capped["kms:Encrypt"], "implicitDeny", "beyond a boundary")
    refused("InvalidInput", simulate, **{**said, "PolicyInputList": ["not JSON"]})
    names = aws.iam.get_context_keys_for_custom_policy(PolicyInputList=said["PolicyInputList"])["ContextKeyNames"]
    same(names, ["aws:RequestedRegion"])


@check("I07", "SimulatePrincipalPolicy on a role")
def principal(aws):
    iam, account = aws.iam, aws.account()
    arn = role(aws, root(account), "kms:Encrypt")
    name = arn.rsplit("/", 1)[1]
    said = {"PolicySourceArn": arn, "ActionNames": ["kms:Encrypt", "kms:Decrypt"]}
    same(
        decisions(iam.simulate_principal_policy, **said),
        {"kms:Encrypt": "allowed", "kms:Decrypt": "implicitDeny"},
    )
    iam.put_role_policy(
        RoleName=name, PolicyName="deny", PolicyDocument=json.dumps(document(statement("Deny", "kms:Encrypt")))
    )
    same(decisions(iam.simulate_principal_policy, **said)["kms:Encrypt"], "explicitDeny")
    iam.delete_role_policy(RoleName=name, PolicyName="deny")
    extra = json.dumps(allow("kms:Decrypt"))
    same(
        decisions(iam.simulate_principal_policy, **said, PolicyInputList=[extra])["kms:Decrypt"], "allowed"
    )
    someone, signers = user(aws), unique("Signers")
    iam.create_group(GroupName=signers)
    iam.put_group_policy(GroupName=signers, PolicyName="p", PolicyDocument=json.dumps(allow("kms:Sign")))
    iam.add_user_to_group(GroupName=signers, UserName=someone.name)
    asked = {"PolicySourceArn": someone.arn, "ActionNames": ["kms:Sign"]}
    same(decisions(iam.simulate_principal_policy, **asked), {"kms:Sign": "allowed"})
    theirs = {"PolicyName": "p", "AttachmentType": "group", "AttachmentName": signers}
    without = [{"InlinePolicyIdentifier": theirs}]
    left = decisions(iam.simulate_principal_policy, **asked, PolicyExclusionList=without)
    same(left, {"kms:Sign": "implicitDeny"}, "without the group's policy")
    refused("NoSuchEntity", iam.simulate_principal_policy, **{**said, "PolicySourceArn": f"{arn}-else"})
