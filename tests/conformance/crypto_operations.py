"""Cryptographic operations: contexts, data keys, usages, dry runs, what was last used."""

import hashlib
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from asserting import denied, has, near, refused, same
from checks import group
from material import (
    arn,
    create,
    current_material,
    import_into,
    imported_key,
    pkcs8,
    private_key,
    round_trip,
    waiting_key,
)
from people import user
from place import THERE

check = group("Cryptographic operations")

INVALID = "InvalidCiphertextException"
USAGE = "InvalidKeyUsageException"


@check("K31", "Encryption context is bound")
def context(aws):
    kms = aws.kms
    for key in (create(kms), imported_key(kms)[0]):
        said = {"project": "byok", "stage": "ünïcode"}
        blob = kms.encrypt(KeyId=key, Plaintext=b"one message", EncryptionContext=said)["CiphertextBlob"]
        turned = dict(reversed(said.items()))
        same(kms.decrypt(CiphertextBlob=blob, EncryptionContext=turned)["Plaintext"], b"one message")
        for other in ({}, {"project": "byok"}, {**said, "more": ""}, {**said, "project": "BYOK"}):
            refused(INVALID, kms.decrypt, CiphertextBlob=blob, **({"EncryptionContext": other} if other else {}))
        plain = round_trip(kms, key)
        refused(INVALID, kms.decrypt, CiphertextBlob=plain, EncryptionContext=said)
        data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=said)
        refused(INVALID, kms.decrypt, CiphertextBlob=data_key["CiphertextBlob"])
        opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=said)
        same(opened["Plaintext"], data_key["Plaintext"])


@check("K32", "GenerateDataKey, ReEncrypt between imported and AWS_KMS keys")
def data_keys(aws):
    kms = aws.kms
    native, (imported, _) = create(kms), imported_key(kms)
    for key in (native, imported):
        lengths = (({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 77}, 77))
        for said, length in lengths:
            made = kms.generate_data_key(KeyId=key, **said)
            same(len(made["Plaintext"]), length)
            opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
            has(opened, Plaintext=made["Plaintext"], KeyId=made["KeyId"], KeyMaterialId=current_material(kms, key))
            same(made.get("KeyMaterialId"), current_material(kms, key), "KeyMaterialId")
            silent = kms.generate_data_key_without_plaintext(KeyId=key, **said)
            assert "Plaintext" not in silent
            same(len(kms.decrypt(CiphertextBlob=silent["CiphertextBlob"])["Plaintext"]), length)
        refused("ValidationException", kms.generate_data_key, KeyId=key)
        refused("ValidationException", kms.generate_data_key, KeyId=key, KeySpec="AES_256", NumberOfBytes=32)
    old, new = {"a": "1"}, {"b": "2"}
    for source, target in ((imported, native), (native, imported)):
        blob = kms.encrypt(KeyId=source, Plaintext=b"moves", EncryptionContext=old)["CiphertextBlob"]
        asked = {"DestinationKeyId": target, "SourceEncryptionContext": old, "DestinationEncryptionContext": new}
        moved = kms.re_encrypt(CiphertextBlob=blob, **asked)
        account = aws.account()
        has(
            moved,
            SourceKeyId=arn(account, source),
            KeyId=arn(account, target),
            SourceEncryptionAlgorithm="SYMMETRIC_DEFAULT",
            DestinationEncryptionAlgorithm="SYMMETRIC_DEFAULT",
            SourceKeyMaterialId=current_material(kms, source),
            DestinationKeyMaterialId=current_material(kms, target),
        )
        opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext=new)
        has(opened, Plaintext=b"moves", KeyId=arn(account, target))
        refused(INVALID, kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=target)
        refused("IncorrectKeyException", kms.re_encrypt, CiphertextBlob=blob, SourceKeyId=target, **asked)
    refused(
        "IncorrectKeyException",
        kms.decrypt,
        CiphertextBlob=moved["CiphertextBlob"],
        KeyId=native,
        EncryptionContext=new,
    )


@check("K65", "GetKeyLastUsage")
def last_usage(aws):
    kms, key = aws.kms, create(aws.kms)
    unused = kms.get_key_last_usage(KeyId=key)
    assert not unused.get("KeyLastUsage"), unused.get("KeyLastUsage")
    created = kms.describe_key(KeyId=key)["KeyMetadata"]["CreationDate"]
    same(unused.get("KeyCreationDate"), created, "KeyCreationDate")
    assert unused["TrackingStartDate"] <= aws.now(), unused["TrackingStartDate"]
    assert key in unused["KeyId"], unused["KeyId"]

    def last(operation, of=key):
        shown = kms.get_key_last_usage(KeyId=of)["KeyLastUsage"]
        has(shown, Operation=operation)
        near(shown["Timestamp"], aws.now())
        assert shown.get("CloudTrailEventId") and shown.get("KmsRequestId"), shown

    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    last("Encrypt")
    kms.decrypt(CiphertextBlob=blob)
    last("Decrypt")
    refused(INVALID, kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "b"})
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    last("GenerateDataKey")
    refused("DryRunOperationException", kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
    kms.describe_key(KeyId=key)
    last("GenerateDataKey")
    other = create(kms)
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
    for each in (key, other):
        last("ReEncrypt", each)
    mac = create(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=b"m")
    last("GenerateMac", mac)
    shared = create(kms, MultiRegion=True)
    kms.replicate_key(KeyId=shared, ReplicaRegion=THERE)
    round_trip(kms, shared)
    assert not aws.kms_in(THERE).get_key_last_usage(KeyId=shared).get("KeyLastUsage"), (
        "a replica tracks for itself"
    )
    refused("NotFoundException", kms.get_key_last_usage, KeyId="01234567-89ab-cdef-0123-456789abcdef")


@check("K66", "DryRun -> DryRunOperationException")
def dry_run(aws):
    kms, dry = aws.kms, "DryRunOperationException"
    key, someone = create(kms), user(aws)
    blob = round_trip(kms, key)
    mac = create(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    pair = create(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    code = kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=b"m")["Mac"]
    signed = kms.sign(KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    to_mac, to_sign = (
        {"MacAlgorithm": "HMAC_SHA_256", "Message": b"m"},
        {"SigningAlgorithm": "ECDSA_SHA_256", "Message": b"m"},
    )
    grantee = {"GranteePrincipal": someone.arn, "Operations": ["Encrypt"]}
    for ask, said in (
        (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": blob}),
        (kms.re_encrypt, {"CiphertextBlob": blob, "DestinationKeyId": key}),
        (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.generate_data_key_without_plaintext, {"KeyId": key, "KeySpec": "AES_256"}),
        (kms.generate_data_key_pair, {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}),
        (kms.generate_data_key_pair_without_plaintext, {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}),
        (kms.generate_mac, {"KeyId": mac, **to_mac}),
        (kms.verify_mac, {"KeyId": mac, **to_mac, "Mac": code}),
        (kms.sign, {"KeyId": pair, **to_sign}),
        (kms.verify, {"KeyId": pair, **to_sign, "Signature": signed}),
        (kms.create_grant, {"KeyId": key, **grantee}),
    ):
        refused(dry, ask, **said, DryRun=True)
    same(kms.list_grants(KeyId=key)["Grants"], [], "grants made by a dry run")
    made = kms.create_grant(KeyId=key, **grantee)
    refused(dry, kms.revoke_grant, KeyId=key, GrantId=made["GrantId"], DryRun=True)
    refused(dry, kms.retire_grant, GrantToken=made["GrantToken"], DryRun=True)
    same(len(kms.list_grants(KeyId=key)["Grants"]), 1, "grants after a dry revocation")
    refused(dry, someone.kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
    # A dry run tells beforehand what would be refused.
    denied(user(aws).kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
    kms.disable_key(KeyId=key)
    refused("DisabledException", kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
    kms.enable_key(KeyId=key)
    same(kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=False)["KeyId"], arn(aws.account(), key))


@check("K68", "Wrong-usage calls refused (Sign on a symmetric key; Encrypt on SIGN_VERIFY)")
def wrong_usage(aws):
    kms = aws.kms
    key, mac = create(kms), create(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    pair = create(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    curve = create(kms, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    signing = {"Message": b"m", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    making = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    for other in (key, mac, curve):
        refused(USAGE, kms.sign, KeyId=other, **signing)
    for other in (key, pair):
        refused(USAGE, kms.generate_mac, KeyId=other, **making)
    refused(USAGE, kms.encrypt, KeyId=pair, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    refused(USAGE, kms.encrypt, KeyId=mac, Plaintext=b"x")
    for other in (mac, pair):
        refused(USAGE, kms.generate_data_key, KeyId=other, KeySpec="AES_256")
    refused(
        USAGE,
        kms.derive_shared_secret,
        KeyId=pair,
        KeyAgreementAlgorithm="ECDH",
        PublicKey=kms.get_public_key(KeyId=curve)["PublicKey"],
    )
    # An algorithm of another kind of key.
    refused((USAGE, "ValidationException"), kms.sign, KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    refused((USAGE, "ValidationException"), kms.generate_mac, KeyId=mac, Message=b"m", MacAlgorithm="HMAC_SHA_512")
    refused(
        (USAGE, "ValidationException"),
        kms.encrypt,
        KeyId=key,
        Plaintext=b"x",
        EncryptionAlgorithm="RSAES_OAEP_SHA_256",
    )


@check("E21", "Data key pairs: the private key opens from its ciphertext, and fits the public key")
def data_key_pairs(aws):
    kms, key = aws.kms, create(aws.kms)
    for spec in ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "RSA_2048"):
        said = {"KeyId": key, "KeyPairSpec": spec, "EncryptionContext": {"for": spec}}
        made = kms.generate_data_key_pair(**said)
        same(made["KeyPairSpec"], spec)
        private = load_der_private_key(made["PrivateKeyPlaintext"], None)
        same(private.public_key(), load_der_public_key(made["PublicKey"]), f"public key of {spec}")
        opened = kms.decrypt(
            CiphertextBlob=made["PrivateKeyCiphertextBlob"], EncryptionContext=said["EncryptionContext"]
        )
        same(opened["Plaintext"], made["PrivateKeyPlaintext"])
        refused(INVALID, kms.decrypt, CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    silent = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert "PrivateKeyPlaintext" not in silent
    opened = kms.decrypt(CiphertextBlob=silent["PrivateKeyCiphertextBlob"])["Plaintext"]
    same(load_der_private_key(opened, None).public_key(), load_der_public_key(silent["PublicKey"]))


@check("E22", "Sign and Verify with digests, agreement of both sides, public-key encryption outside of KMS")
def asymmetric(aws):
    kms = aws.kms
    message = os.urandom(5000)
    digest = hashlib.sha256(message).digest()
    for spec, algorithm in (("ECC_NIST_P256", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PSS_SHA_256")):
        key = create(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        said = {"KeyId": key, "SigningAlgorithm": algorithm, "MessageType": "DIGEST"}
        signature = kms.sign(**said, Message=digest)["Signature"]
        prehashed = utils.Prehashed(hashes.SHA256())
        if spec == "RSA_2048":
            public.verify(signature, digest, padding.PSS(padding.MGF1(hashes.SHA256()), 32), prehashed)
        else:
            public.verify(signature, digest, ec.ECDSA(prehashed))
        same(kms.verify(**said, Message=digest, Signature=signature)["SignatureValid"], True)
        refused("KMSInvalidSignatureException", kms.verify, **said, Message=bytes(32), Signature=signature)
        refused("ValidationException", kms.sign, **said, Message=digest[:-1])
        raw = {**said, "MessageType": "RAW"}
        refused("ValidationException", kms.sign, wrong=True, **raw, Message=message)
    one, other = (create(kms, KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT") for _ in range(2))
    public_of = {key: kms.get_public_key(KeyId=key)["PublicKey"] for key in (one, other)}
    agree = {"KeyAgreementAlgorithm": "ECDH"}
    left = kms.derive_shared_secret(KeyId=one, PublicKey=public_of[other], **agree)["SharedSecret"]
    same(kms.derive_shared_secret(KeyId=other, PublicKey=public_of[one], **agree)["SharedSecret"], left)
    own = private_key("ECC_NIST_P384")
    local = waiting_key(kms, "ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")
    import_into(kms, local, pkcs8(own))
    agreed = kms.derive_shared_secret(KeyId=local, PublicKey=public_of[one], **agree)["SharedSecret"]
    same(agreed, own.exchange(ec.ECDH(), load_der_public_key(public_of[one])))
    box = create(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    public = load_der_public_key(kms.get_public_key(KeyId=box)["PublicKey"])
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    sealed = public.encrypt(b"from outside", oaep)
    opened = kms.decrypt(KeyId=box, CiphertextBlob=sealed, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    same(opened["Plaintext"], b"from outside")


@check("E23", "Sizes: plaintext up to 4,096 bytes, data keys up to 1,024, GenerateRandom")
def sizes(aws):
    kms, key = aws.kms, create(aws.kms)
    for length in (1, 4096):
        round_trip(kms, key, os.urandom(length))
    for length in (0, 4097):
        refused("ValidationException", kms.encrypt, wrong=True, KeyId=key, Plaintext=bytes(length))
    same(len(kms.generate_data_key(KeyId=key, NumberOfBytes=1024)["Plaintext"]), 1024)
    for length in (0, 1025):
        refused("ValidationException", kms.generate_data_key, wrong=True, KeyId=key, NumberOfBytes=length)
    drawn = {kms.generate_random(NumberOfBytes=length)["Plaintext"] for length in (1024, 32, 32)}
    same(sorted(map(len, drawn)), [32, 32, 1024], "random bytes")
    refused("ValidationException", kms.generate_random, wrong=True, NumberOfBytes=1025)
    blob = round_trip(kms, key)
    refused(INVALID, kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]))
    refused(INVALID, kms.decrypt, CiphertextBlob=os.urandom(100))
