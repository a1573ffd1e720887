"""IAM Identity Center: a device signs in, its person sees the accounts, and gets a role's credentials."""

import json
import urllib.error
import urllib.request

from asserting import refused, same, until
from checks import group
from place import HERE, Place, Server

check = group("Identity Center")

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@check("T09", "IAM Identity Center: sso-oidc RegisterClient + StartDeviceAuthorization, sso ListAccounts")
def device_flow(aws):
    # Where a company can be asked for, somebody is assigned to accounts there.
    endpoint = aws.server.variants.get("company", aws.server.endpoint)
    place = Place(Server(aws.server.name, endpoint), aws.record)
    region = "eu-central-1"
    oidc, portal = place.client("sso-oidc", region), place.client("sso", region)
    registered = oidc.register_client(clientName="conformance", clientType="public", scopes=["sso:account:access"])
    assert registered["clientSecretExpiresAt"] > registered["clientIdIssuedAt"], registered
    client = {name: registered[name] for name in ("clientId", "clientSecret")}
    start = {"startUrl": "https://sandbox.awsapps.com/start"}
    device = oidc.start_device_authorization(**client, **start)
    assert device["userCode"] in device["verificationUriComplete"], device["verificationUriComplete"]
    asking = {**client, "grantType": DEVICE_CODE, "deviceCode": device["deviceCode"]}
    refused("InvalidClientException", oidc.create_token, **{**asking, "clientSecret": "wrong"})
    refused("InvalidGrantException", oidc.create_token, **{**asking, "deviceCode": "never-issued"})
    approve(endpoint, device["userCode"])
    given = {}

    def signed_in():
        try:
            given.update(oidc.create_token(**asking))
        except oidc.exceptions.AuthorizationPendingException:
            return False
        return True

    until(signed_in, "the sign-in is approved", seconds=10)
    same(given["tokenType"], "Bearer")
    access = {"accessToken": given["accessToken"]}
    accounts, more = [], {}
    while True:
        page = portal.list_accounts(**access, maxResults=1, **more)
        accounts += page["accountList"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
        assert len(accounts) < 50, "the list does not end"
    assert accounts, "no account is shown"
    same(
        [one["accountId"] for one in portal.list_accounts(**access)["accountList"]],
        [one["accountId"] for one in accounts],
    )
    account = accounts[0]["accountId"]
    name = portal.list_account_roles(**access, accountId=account)["roleList"][0]["roleName"]
    keys = portal.get_role_credentials(**access, accountId=account, roleName=name)["roleCredentials"]
    credentials = {
        "AccessKeyId": keys["accessKeyId"],
        "SecretAccessKey": keys["secretAccessKey"],
        "SessionToken": keys["sessionToken"],
    }
    arn = place.client("sts", HERE, credentials).get_caller_identity()["Arn"]
    assert arn.startswith(f"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{name}_"), arn
    refused("UnauthorizedException", portal.list_accounts, accessToken="never-issued")
    portal.logout(**access)
    refused("UnauthorizedException", portal.list_accounts, **access)


def approve(endpoint, user_code):
    """Says yes in the person's place, where the server lets tests do that."""
    said = json.dumps({"user_code": user_code, "approve": True}).encode()
    try:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/_sandbox/sso", data=said), timeout=5).close()
    except urllib.error.HTTPError:
        pass  # Others approve of themselves, or not at all.
