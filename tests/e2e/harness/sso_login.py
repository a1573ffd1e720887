"""Signs in to Identity Center as `aws sso login` does, with the cache of botocore: `sso_login.py ENDPOINT START_URL REGION SESSION`."""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.utils import JSONFileCache, SSOTokenLoader


def main(endpoint, start_url, region, session):
    oidc = boto3.client(
        "sso-oidc", endpoint_url=endpoint, region_name=region, aws_access_key_id="", aws_secret_access_key=""
    )
    client = oidc.register_client(clientName="peer", clientType="public", scopes=["sso:account:access"])
    person = {name: client[name] for name in ("clientId", "clientSecret")}
    device = oidc.start_device_authorization(**person, startUrl=start_url)
    given = oidc.create_token(
        **person, grantType="urn:ietf:params:oauth:grant-type:device_code", deviceCode=device["deviceCode"]
    )
    token = {
        "startUrl": start_url,
        "region": region,
        "accessToken": given["accessToken"],
        "refreshToken": given["refreshToken"],
        "expiresAt": written(datetime.now(timezone.utc) + timedelta(seconds=given["expiresIn"])),
        "registrationExpiresAt": written(datetime.fromtimestamp(client["clientSecretExpiresAt"], timezone.utc)),
        **person,
    }
    cache = JSONFileCache(working_dir=str(Path.home() / ".aws/sso/cache"))
    SSOTokenLoader(cache).save_token(start_url, token, session_name=session)


def written(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


main(*sys.argv[1:])
