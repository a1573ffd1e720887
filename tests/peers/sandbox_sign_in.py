"""boto3 signs in to the sandbox as it does to AWS: by Identity Center, and in the other partitions."""

import json
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from servers import advance, ownkey_sandbox

START_URL = "https://sandbox.awsapps.com/start"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ELSEWHERE = (
    ("555555555555", "aws-us-gov", ("us-gov-west-1", "us-gov-east-1")),
    ("666666666666", "aws-cn", ("cn-north-1", "cn-northwest-1")),
)


def check_identity_center_signs_in(report):
    """boto3 signs in by the device flow, and the roles' credentials do what their permission sets allow"""
    with ownkey_sandbox("company") as endpoint:
        oidc = client("sso-oidc", endpoint, "eu-central-1")
        portal = client("sso", endpoint, "eu-central-1")
        registered = oidc.register_client(
            clientName="peer", clientType="public", scopes=["sso:account:access"]
        )
        person = {name: registered[name] for name in ("clientId", "clientSecret")}

        control(endpoint, {"approve": "never"})
        device = oidc.start_device_authorization(**person, startUrl=START_URL)
        asking = {**person, "grantType": DEVICE_CODE, "deviceCode": device["deviceCode"]}
        refused(oidc.exceptions.AuthorizationPendingException, oidc.create_token, **asking)
        control(endpoint, {"user_code": device["userCode"], "approve": True})
        token = oidc.create_token(**asking)
        control(endpoint, {"approve": "deny"})
        device = oidc.start_device_authorization(**person, startUrl=START_URL)
        asking["deviceCode"] = device["deviceCode"]
        refused(oidc.exceptions.AccessDeniedException, oidc.create_token, **asking)

        roles = 0
        access = {"accessToken": token["accessToken"]}
        pages = portal.get_paginator("list_accounts").paginate(**access, PaginationConfig={"PageSize": 1})
        for account in (account for page in pages for account in page["accountList"]):
            here = {**access, "accountId": account["accountId"]}
            for role in portal.list_account_roles(**here)["roleList"]:
                given = portal.get_role_credentials(**here, roleName=role["roleName"])["roleCredentials"]
                arn = client("sts", endpoint, "eu-west-1", given).get_caller_identity()["Arn"]
                wanted = f"arn:aws:sts::{account['accountId']}:assumed-role/AWSReservedSSO_{role['roleName']}_"
                assert arn.startswith(wanted), arn
                may_create = allowed(client("kms", endpoint, "eu-west-1", given).create_key)
                assert may_create == (role["roleName"] != "ReadOnly"), role
                roles += 1
        unassigned = {**access, "accountId": "222222222222", "roleName": "KeyCustodians"}
        assert code(portal.get_role_credentials, **unassigned) == "ForbiddenException"

        advance(endpoint, 8 * 3600)
        refused(portal.exceptions.UnauthorizedException, portal.list_accounts, **access)
        renewed = oidc.create_token(
            **person, grantType="refresh_token", refreshToken=token["refreshToken"]
        )
        portal.list_accounts(accessToken=renewed["accessToken"])
        portal.logout(accessToken=renewed["accessToken"])
        refused(
            portal.exceptions.UnauthorizedException,
            portal.list_accounts,
            accessToken=renewed["accessToken"],
        )
    report(f"{roles} roles")


def check_partitions_are_apart(report):
    """GovCloud and China have regions, ARNs and credentials of their own"""
    keys = 0
    with ownkey_sandbox("company") as endpoint:
        for account, partition, regions in ELSEWHERE:
            own = {"accessKeyId": account, "secretAccessKey": "test"}
            for region in regions:
                listed = client("kms", endpoint, region, own).list_keys()["Keys"]
                prefix = f"arn:{partition}:kms:{region}:{account}:key/"
                assert listed and all(key["KeyArn"].startswith(prefix) for key in listed), listed
                keys += len(listed)
            answer = client("ec2", endpoint, regions[0], own).describe_regions()["Regions"]
            assert sorted(region["RegionName"] for region in answer) == sorted(regions), answer
            for service, ask, wanted in (
                ("kms", "list_keys", "UnrecognizedClientException"),
                ("sts", "get_caller_identity", "InvalidClientTokenId"),
                ("ec2", "describe_regions", "AuthFailure"),
            ):
                said = code(getattr(client(service, endpoint, "eu-west-1", own), ask))
                assert said == wanted, (service, said)
            simulated = client("iam", endpoint, regions[0], own).simulate_principal_policy(
                PolicySourceArn=f"arn:{partition}:iam::{account}:role/KeyAdministrator",
                ActionNames=["kms:CreateKey", "kms:Decrypt"],
            )
            decisions = [result["EvalDecision"] for result in simulated["EvaluationResults"]]
            assert decisions == ["allowed", "implicitDeny"], decisions
    report(f"{keys} keys")


def client(service, endpoint, region, given=None):
    """With credentials as the portal gives them; without any for what is not signed."""
    given = given or {}
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=given.get("accessKeyId"),
        aws_secret_access_key=given.get("secretAccessKey"),
        aws_session_token=given.get("sessionToken"),
        config=Config(retries={"mode": "standard", "max_attempts": 1}),
    )


def control(endpoint, what):
    request = urllib.request.Request(f"{endpoint}/_sandbox/sso", data=json.dumps(what).encode())
    with urllib.request.urlopen(request):
        pass


def allowed(ask):
    return code(ask) != "AccessDeniedException"


def code(ask, **arguments):
    """The code of the refusal, or nothing."""
    try:
        ask(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def refused(kind, ask, **arguments):
    try:
        ask(**arguments)
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


CHECKS = (check_identity_center_signs_in, check_partitions_are_apart)
