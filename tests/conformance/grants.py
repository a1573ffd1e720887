"""Grants: who may use a key besides those whom policies let in."""

import base64

from asserting import denied, has, near, pages, refused, same, without_doubles
from checks import group
from material import arn, create, round_trip
from people import user

check = group("Grants")

USE = ["Encrypt", "Decrypt", "GenerateDataKey"]


def grant(kms, key, grantee, operations=USE, **said):
    return kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=operations, **said)


@check("K61", "Grants: create, list, retire, revoke")
def lifecycle(aws):
    kms, key = aws.kms, create(aws.kms)
    someone, retirer = user(aws), user(aws)
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    made = grant(kms, key, someone.arn, ["Encrypt", "Decrypt"], Name="first", RetiringPrincipal=retirer.arn)
    assert made["GrantId"] and made["GrantToken"], made
    round_trip(someone.kms, key)
    denied(someone.kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    denied(someone.kms.describe_key, KeyId=key)
    (listed,) = kms.list_grants(KeyId=key)["Grants"]
    has(
        listed,
        GrantId=made["GrantId"],
        KeyId=arn(aws.account(), key),
        Name="first",
        GranteePrincipal=someone.arn,
        RetiringPrincipal=retirer.arn,
        IssuingAccount=f"arn:aws:iam::{aws.account()}:root",
        Constraints=None,
    )
    same(sorted(listed["Operations"]), ["Decrypt", "Encrypt"])
    near(listed["CreationDate"], aws.now())
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    same(kms.list_grants(KeyId=key)["Grants"], [])
    refused(("InvalidGrantIdException", "NotFoundException"), kms.revoke_grant, KeyId=key, GrantId=made["GrantId"])
    # Retired by its token, by the retiring principal; or by key and id.
    for by_token in (True, False):
        made = grant(kms, key, someone.arn, ["Encrypt"], RetiringPrincipal=retirer.arn)
        someone.kms.encrypt(KeyId=key, Plaintext=b"x")
        said = (
            {"GrantToken": made["GrantToken"]}
            if by_token
            else {"KeyId": arn(aws.account(), key), "GrantId": made["GrantId"]}
        )
        denied(user(aws).kms.retire_grant, **said)
        retirer.kms.retire_grant(**said)
        denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x")
    # A grantee who may retire does so.
    made = grant(kms, key, someone.arn, ["Encrypt", "RetireGrant"])
    someone.kms.retire_grant(KeyId=arn(aws.account(), key), GrantId=made["GrantId"])
    same(kms.list_grants(KeyId=key)["Grants"], [])


@check("K61b", "ListRetirableGrants")
def retirable(aws):
    kms = aws.kms
    someone, retirer = user(aws), user(aws)
    keys = [create(kms) for _ in range(3)]
    made = {
        grant(kms, key, someone.arn, RetiringPrincipal=retirer.arn)["GrantId"] for key in keys for _ in range(2)
    }
    grant(kms, keys[0], someone.arn, RetiringPrincipal=someone.arn)
    for size in (1, 4, None):
        listed = pages(kms.list_retirable_grants, "Grants", size=size, RetiringPrincipal=retirer.arn)
        same(without_doubles(listed, "GrantId"), made, f"Limit={size}")
    same({entry["KeyId"] for entry in listed}, {arn(aws.account(), key) for key in keys})
    same(kms.list_retirable_grants(RetiringPrincipal=user(aws).arn)["Grants"], [])
    refused("ValidationException", kms.list_retirable_grants, Limit=101, RetiringPrincipal=retirer.arn)


@check("E18", "Grants: constraints on the encryption context, equal and subset")
def constraints(aws):
    kms, key = aws.kms, create(aws.kms)
    someone = user(aws)
    exact = {"EncryptionContextEquals": {"project": "byok", "stage": "test"}}
    grant(kms, key, someone.arn, ["Encrypt"], Constraints=exact)
    context = exact["EncryptionContextEquals"]
    someone.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)
    for other in ({}, {"project": "byok"}, {**context, "more": "1"}, {**context, "stage": "Test"}):
        said = {"EncryptionContext": other} if other else {}
        denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x", **said)
    grant(kms, key, someone.arn, ["Encrypt"], Constraints={"EncryptionContextSubset": {"owner": "them"}})
    someone.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"owner": "them", "more": "1"})
    denied(someone.kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"more": "1"})
    shown = [entry["Constraints"] for entry in kms.list_grants(KeyId=key)["Grants"]]
    assert exact in shown, shown


@check("E19", "Grants: names make retries harmless, filters, pages, what a key cannot do is refused")
def details(aws):
    kms, key = aws.kms, create(aws.kms)
    someone, other = user(aws), user(aws)
    first = grant(kms, key, someone.arn, Name="once")
    again = grant(kms, key, someone.arn, Name="once")
    same(again["GrantId"], first["GrantId"], "the grant of a repeated request")
    assert again["GrantToken"] != first["GrantToken"], "one token for two requests"
    ids = {first["GrantId"], *(grant(kms, key, other.arn)["GrantId"] for _ in range(4))}
    same(len(ids), 5, "grants without a name")
    for size in (2, 5, None):
        same(
            without_doubles(pages(kms.list_grants, "Grants", size=size, KeyId=key), "GrantId"),
            ids,
            f"Limit={size}",
        )
    (one,) = kms.list_grants(KeyId=key, GrantId=first["GrantId"])["Grants"]
    same(one["Name"], "once")
    same(
        {entry["GrantId"] for entry in kms.list_grants(KeyId=key, GranteePrincipal=other.arn)["Grants"]},
        ids - {first["GrantId"]},
    )
    refused("ValidationException", grant, kms=kms, key=key, grantee=someone.arn, operations=["Sign"])
    pair = create(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    refused("ValidationException", grant, kms=kms, key=pair, grantee=someone.arn, operations=["GenerateDataKey"])
    grant(kms, pair, someone.arn, ["Sign", "Verify", "GetPublicKey"])
    someone.kms.sign(KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    refused(
        "ValidationException",
        grant,
        wrong=True,
        kms=kms,
        key=key,
        grantee=someone.arn,
        operations=["PutKeyPolicy"],
    )
    kms.disable_key(KeyId=key)
    refused("DisabledException", grant, kms=kms, key=key, grantee=someone.arn)


@check("E20", "Grants passed on by CreateGrant are no wider; tokens are taken and bogus ones refused")
def passed_on(aws):
    kms, key = aws.kms, create(aws.kms)
    middle, last = user(aws), user(aws)
    made = grant(kms, key, middle.arn, ["Encrypt", "CreateGrant"])
    token = [made["GrantToken"]]
    middle.kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=token)
    refused("AccessDeniedException", grant, kms=middle.kms, key=key, grantee=last.arn, operations=["Decrypt"])
    grant(middle.kms, key, last.arn, ["Encrypt"])
    last.kms.encrypt(KeyId=key, Plaintext=b"x")
    bogus = base64.b64encode(b"no grant token of anybody" * 3).decode()
    refused("InvalidGrantTokenException", kms.encrypt, KeyId=key, Plaintext=b"x", GrantTokens=[bogus])
    eleven = {"GrantTokens": token * 11}
    refused("ValidationException", kms.encrypt, wrong=True, KeyId=key, Plaintext=b"x", **eleven)
