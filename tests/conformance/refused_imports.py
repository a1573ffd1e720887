"""Imports that AWS refuses, each with its own code; and the time at which material and tokens run out."""

import os
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from asserting import has, refused, same, state
from checks import group
from imports import MESSAGE, makes_mac_of, signs_as
from material import (
    AES_256,
    OAEP_1,
    OAEP_256,
    STAYS,
    create,
    hand_in,
    import_into,
    imported_key,
    material_ids,
    parameters,
    pkcs8,
    private_key,
    round_trip,
    secret,
    waiting_key,
    wrap,
)

check = group("Importing")

INCORRECT = "IncorrectKeyMaterialException"
EXPIRES = {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}


@check("K13", "Import of garbage -> InvalidCiphertextException")
def garbage(aws):
    kms = aws.kms
    key = waiting_key(kms)
    for algorithm, length in ((OAEP_256, 256), (OAEP_256, 255), (OAEP_1, 256), (AES_256, 296), (AES_256, 20)):
        asked = hand_in(kms, key, secret(), algorithm)
        asked["EncryptedKeyMaterial"] = b"\0" + os.urandom(length - 1)
        refused("InvalidCiphertextException", kms.import_key_material, **asked)
    asked = hand_in(kms, key, secret(), AES_256)
    asked["EncryptedKeyMaterial"] = asked["EncryptedKeyMaterial"][:-8]
    refused("InvalidCiphertextException", kms.import_key_material, **asked)
    same(state(kms, key), "PendingImport")


@check("K14", "Wrapped under another algorithm than requested -> InvalidCiphertextException")
def other_algorithm(aws):
    kms = aws.kms
    key = waiting_key(kms)
    for asked, used in ((OAEP_256, OAEP_1), (OAEP_1, OAEP_256), (OAEP_256, AES_256), (AES_256, OAEP_256)):
        given = parameters(kms, key, asked)
        hand = {"KeyId": key, "ImportToken": given["ImportToken"], **STAYS}
        wrapped = wrap(used, given["PublicKey"], secret())
        refused("InvalidCiphertextException", kms.import_key_material, EncryptedKeyMaterial=wrapped, **hand)
    given = parameters(kms, key)
    public = load_der_public_key(given["PublicKey"])
    mixed = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA256(), label=None)
    for scheme in (padding.PKCS1v15(), mixed):
        hand = {"KeyId": key, "ImportToken": given["ImportToken"], **STAYS}
        wrapped = public.encrypt(secret(), scheme)
        refused("InvalidCiphertextException", kms.import_key_material, EncryptedKeyMaterial=wrapped, **hand)
    same(state(kms, key), "PendingImport")


@check("K15", "Wrong length material refused")
def wrong_length(aws):
    kms = aws.kms
    # Which of the two it is, AWS's documentation leaves open.
    codes = (INCORRECT, "InvalidCiphertextException")
    for spec, lengths in (
        ("SYMMETRIC_DEFAULT", (16, 31, 33, 64)),
        ("HMAC_256", (28, 31, 33)),
        ("HMAC_512", (32, 63)),
    ):
        key = waiting_key(kms, spec)
        for length in lengths:
            refused(codes, import_into, kms=kms, key=key, material=os.urandom(length))
        same(state(kms, key), "PendingImport")
    key = waiting_key(kms, "ECC_NIST_P256")
    for material in (pkcs8(private_key("ECC_NIST_P384")), pkcs8(private_key("ECC_NIST_P256")) + b"\0", secret()):
        refused(codes, import_into, kms=kms, key=key, material=material, algorithm=AES_256)
    key = waiting_key(kms, "RSA_3072")
    refused(codes, import_into, kms=kms, key=key, material=pkcs8(private_key("RSA_2048")), algorithm=AES_256)
    same(state(kms, key), "PendingImport")


@check("K16", "Bogus import token -> InvalidImportTokenException")
def bogus_token(aws):
    kms = aws.kms
    key = waiting_key(kms)
    asked = hand_in(kms, key, secret())
    token = asked["ImportToken"]
    middle = len(token) // 2
    flipped = token[:middle] + bytes([token[middle] ^ 1]) + token[middle + 1 :]
    for bogus in (os.urandom(64), flipped, token[:-1], token + b"\0", b"x"):
        refused("InvalidImportTokenException", kms.import_key_material, **{**asked, "ImportToken": bogus})
    kms.import_key_material(**asked)
    same(state(kms, key), "Enabled")


@check("K17", "Another key's token -> InvalidImportTokenException")
def foreign_token(aws):
    kms = aws.kms
    one, other = waiting_key(kms), waiting_key(kms)
    asked = hand_in(kms, one, secret())
    refused("InvalidImportTokenException", kms.import_key_material, **{**asked, "KeyId": other})
    same(state(kms, other), "PendingImport")
    kms.import_key_material(**asked)


@check("K20", "Reimport of different material -> IncorrectKeyMaterialException")
def different_material(aws):
    kms = aws.kms
    key, material = imported_key(kms)
    blob = round_trip(kms, key)
    for said in ({}, {"ImportType": "EXISTING_KEY_MATERIAL"}):
        refused(INCORRECT, import_into, kms=kms, key=key, material=secret(), **said)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], MESSAGE)
    mac, bytes_ = imported_key(kms, spec="HMAC_256")
    refused(INCORRECT, import_into, kms=kms, key=mac, material=secret("HMAC_256"))
    makes_mac_of(kms, mac, "HMAC_256", bytes_)
    private = private_key("ECC_NIST_P256")
    pair, _ = imported_key(kms, pkcs8(private), "ECC_NIST_P256")
    refused(INCORRECT, import_into, kms=kms, key=pair, material=pkcs8(private_key("ECC_NIST_P256")))
    signs_as(kms, pair, private, "ECDSA_SHA_256")


@check("K21", "Different material after delete -> IncorrectKeyMaterialException")
def different_after_delete(aws):
    kms = aws.kms
    private = private_key("ECC_NIST_P256")
    for spec, material, other in (
        ("SYMMETRIC_DEFAULT", secret(), secret()),
        ("HMAC_512", secret("HMAC_512"), secret("HMAC_512")),
        ("ECC_NIST_P256", pkcs8(private), pkcs8(private_key("ECC_NIST_P256"))),
    ):
        key, _ = imported_key(kms, material, spec)
        kms.delete_imported_key_material(KeyId=key)
        refused(INCORRECT, import_into, kms=kms, key=key, material=other)
        same(state(kms, key), "PendingImport")
        import_into(kms, key, material)
        same(state(kms, key), "Enabled")


@check("K22", "ExpirationModel/ValidTo shown by DescribeKey")
def expiry_shown(aws):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    assert "ValidTo" not in kms.describe_key(KeyId=key)["KeyMetadata"]
    end = (aws.now() + timedelta(days=30)).replace(microsecond=0)
    import_into(kms, key, material, **EXPIRES, ValidTo=end)
    has(kms.describe_key(KeyId=key)["KeyMetadata"], **EXPIRES, ValidTo=end, KeyState="Enabled")
    (entry,) = material_ids(kms, key).values()
    has(entry, **EXPIRES, ValidTo=end, ImportState="IMPORTED", KeyMaterialState="CURRENT")
    import_into(kms, key, material)
    has(kms.describe_key(KeyId=key)["KeyMetadata"], **STAYS, ValidTo=None)
    (entry,) = material_ids(kms, key).values()
    has(entry, **STAYS, ValidTo=None)


@check("K23", "Material really expires at ValidTo (PendingImport, Encrypt refused)", moves_clock=True)
def expires(aws):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    # The documented default is that material expires.
    import_into(kms, key, material, ValidTo=aws.now() + timedelta(seconds=3))
    blob = round_trip(kms, key)
    aws.let_pass(4)
    same(state(kms, key), "PendingImport")
    refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=MESSAGE)
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    (entry,) = material_ids(kms, key).values()
    has(entry, ImportState="PENDING_IMPORT")
    refused(INCORRECT, import_into, kms=kms, key=key, material=secret())
    import_into(kms, key, material)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], MESSAGE)


@check("K24", "Bad ValidTo refused (missing, past, over 365 days)")
def bad_expiry(aws):
    kms, now = aws.kms, aws.now()
    key, material = waiting_key(kms), secret()
    asked = hand_in(kms, key, material)
    del asked["ExpirationModel"]
    for said in (
        {},
        EXPIRES,
        {**EXPIRES, "ValidTo": now - timedelta(minutes=5)},
        {**EXPIRES, "ValidTo": now + timedelta(days=365, minutes=5)},
        {**STAYS, "ValidTo": now + timedelta(days=1)},
    ):
        refused("ValidationException", kms.import_key_material, **asked, **said)
    refused("ValidationException", kms.import_key_material, wrong=True, **asked, ExpirationModel="LATER")
    same(state(kms, key), "PendingImport")
    kms.import_key_material(**asked, **EXPIRES, ValidTo=now + timedelta(days=364, hours=23))
    same(state(kms, key), "Enabled")


@check("K25", "Encrypt before import -> KMSInvalidStateException")
def before_import(aws):
    kms, invalid = aws.kms, "KMSInvalidStateException"
    key = waiting_key(kms)
    refused(invalid, kms.encrypt, KeyId=key, Plaintext=MESSAGE)
    refused(invalid, kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    mac = waiting_key(kms, "HMAC_256")
    refused(invalid, kms.generate_mac, KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=MESSAGE)
    pair = waiting_key(kms, "ECC_NIST_P256")
    refused(invalid, kms.sign, KeyId=pair, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")
    refused(invalid, kms.get_public_key, KeyId=pair)


@check("K27", "Import operations on an AWS_KMS key -> UnsupportedOperationException")
def native_key(aws):
    kms, unsupported = aws.kms, "UnsupportedOperationException"
    for said in ({}, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}):
        key = create(kms, **said)
        refused(unsupported, parameters, kms=kms, key=key, algorithm=AES_256)
        asked = hand_in(kms, waiting_key(kms), secret())
        refused(unsupported, kms.import_key_material, **{**asked, "KeyId": key})
        refused(unsupported, kms.delete_imported_key_material, KeyId=key)
        same(state(kms, key), "Enabled")


@check("E05", "Import parameters are good for 24 hours and not longer", moves_clock=True)
def tokens_expire(aws):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    early, late = hand_in(kms, key, material), hand_in(kms, key, material)
    aws.advance(hours=23, minutes=50)
    kms.import_key_material(**early)
    same(state(kms, key), "Enabled")
    aws.advance(minutes=20)
    refused("ExpiredImportTokenException", kms.import_key_material, **late)
    refused("ExpiredImportTokenException", kms.import_key_material, **early)
    import_into(kms, key, material)


@check("E06", "One of several materials that expires makes the key unusable until it is back", moves_clock=True)
def one_of_several(aws):
    kms = aws.kms
    first, second = secret(), secret()
    key = waiting_key(kms)
    end = aws.now() + timedelta(days=2)
    old = import_into(kms, key, first, **EXPIRES, ValidTo=end)["KeyMaterialId"]
    blob = round_trip(kms, key)
    import_into(kms, key, second, ImportType="NEW_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key)
    newer = round_trip(kms, key)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert abs((shown["ValidTo"] - end).total_seconds()) < 1, f"{shown.get('ValidTo')}: not the earliest end"
    aws.advance(days=3)
    same(state(kms, key), "PendingImport")
    same(material_ids(kms, key)[old]["ImportState"], "PENDING_IMPORT")
    for each in (blob, newer):
        refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=each)
    import_into(kms, key, first, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=old)
    for each in (blob, newer):
        same(kms.decrypt(CiphertextBlob=each)["Plaintext"], MESSAGE)


@check("E43", "An import makes a key Enabled, also one that was disabled or saved from deletion without material")
def enabled_by_import(aws):
    kms = aws.kms
    saved, material = waiting_key(kms), secret()
    kms.schedule_key_deletion(KeyId=saved)
    kms.cancel_key_deletion(KeyId=saved)
    if state(kms, saved) == "PendingImport":
        import_into(kms, saved, material)
        same(state(kms, saved), "Enabled")
    off, material = imported_key(kms)
    kms.disable_key(KeyId=off)
    kms.delete_imported_key_material(KeyId=off)
    same(state(kms, off), "PendingImport")
    import_into(kms, off, material)
    same(state(kms, off), "Enabled")
