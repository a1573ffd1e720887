"""Importing key material: it is really unwrapped, and what was imported is what works."""

import hashlib
import hmac
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from asserting import has, near, refused, same, state
from checks import group
from material import (
    AES_1,
    AES_256,
    ALGORITHMS,
    LENGTHS,
    OAEP_1,
    OAEP_256,
    SIZES,
    STAYS,
    arn,
    current_material,
    import_into,
    imported_key,
    parameters,
    pkcs8,
    private_key,
    round_trip,
    secret,
    spki,
    waiting_key,
    wrap,
)

check = group("Importing")

MESSAGE = b"one message"
DIGESTS = {"224": hashlib.sha224, "256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


@check("K05", "GetParametersForImport, 4 algorithms x RSA 2048/3072/4096", limit_s=90)
def parameter_sets(aws):
    kms = aws.kms
    account = aws.account()
    tokens, public_keys = set(), set()
    for size in SIZES:
        for algorithm in ALGORITHMS:
            wraps_secrets = algorithm in (OAEP_256, OAEP_1)
            spec = "HMAC_256" if wraps_secrets else "ECC_NIST_P256"
            key = waiting_key(kms, spec)
            private = None if wraps_secrets else private_key(spec)
            material = secret(spec) if wraps_secrets else pkcs8(private)
            given = parameters(kms, key, algorithm, size)
            same(given["KeyId"], arn(account, key))
            same(load_der_public_key(given["PublicKey"]).key_size, int(size.removeprefix("RSA_")), size)
            near(given["ParametersValidTo"], aws.now() + timedelta(hours=24))
            tokens.add(given["ImportToken"])
            public_keys.add(given["PublicKey"])
            wrapped = wrap(algorithm, given["PublicKey"], material)
            kms.import_key_material(
                KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, **STAYS
            )
            if wraps_secrets:
                makes_mac_of(kms, key, spec, material)
            else:
                signs_as(kms, key, private, "ECDSA_SHA_256")
    same((len(tokens), len(public_keys)), (12, 12), "tokens and public keys of their own")
    key = waiting_key(kms)
    refused("ValidationException", parameters, wrong=True, kms=kms, key=key, algorithm="RSAES_OAEP_SHA_512")
    refused("ValidationException", parameters, wrong=True, kms=kms, key=key, size="RSA_1024")


def holds_symmetric(aws, algorithm, size="RSA_2048"):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    answer = import_into(kms, key, material, algorithm, size)
    same(answer["KeyId"], arn(aws.account(), key))
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    has(shown, KeyState="Enabled", Enabled=True, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", ValidTo=None)
    same(answer.get("KeyMaterialId"), shown["CurrentKeyMaterialId"], "KeyMaterialId")
    blob = round_trip(kms, key)
    # The same bytes bring the ciphertext back, so they are the key's material.
    kms.delete_imported_key_material(KeyId=key)
    import_into(kms, key, material)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], MESSAGE)


@check("K06", "Import symmetric RSAES_OAEP_SHA_256, Enabled, usable")
def oaep_256(aws):
    holds_symmetric(aws, OAEP_256)


@check("K07", "Import symmetric RSAES_OAEP_SHA_1")
def oaep_1(aws):
    holds_symmetric(aws, OAEP_1)


@check("K08", "Import symmetric RSA_AES_KEY_WRAP_SHA_256")
def aes_256(aws):
    holds_symmetric(aws, AES_256)


@check("K09", "Import with wrapping keys RSA_3072 and RSA_4096", limit_s=90)
def larger(aws):
    for size in ("RSA_3072", "RSA_4096"):
        holds_symmetric(aws, OAEP_256, size)


@check("K10", "Import RSA private key, GetPublicKey and Sign agree")
def rsa_key(aws):
    kms, spec = aws.kms, "RSA_2048"
    signing, private = waiting_key(kms, spec), private_key(spec)
    import_into(kms, signing, pkcs8(private), AES_256)
    same(kms.get_public_key(KeyId=signing)["PublicKey"], spki(private), "the public key")
    for algorithm in (
        "RSASSA_PSS_SHA_256",
        "RSASSA_PSS_SHA_512",
        "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384",
    ):
        signs_as(kms, signing, private, algorithm)
    opening = waiting_key(kms, spec, KeyUsage="ENCRYPT_DECRYPT")
    import_into(kms, opening, pkcs8(private), AES_1)
    for algorithm, digest in (("RSAES_OAEP_SHA_1", hashes.SHA1), ("RSAES_OAEP_SHA_256", hashes.SHA256)):
        oaep = padding.OAEP(mgf=padding.MGF1(digest()), algorithm=digest(), label=None)
        sealed = private.public_key().encrypt(MESSAGE, oaep)
        opened = kms.decrypt(KeyId=opening, CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
        same(opened["Plaintext"], MESSAGE, algorithm)
        sealed = kms.encrypt(KeyId=opening, Plaintext=MESSAGE, EncryptionAlgorithm=algorithm)["CiphertextBlob"]
        same(private.decrypt(sealed, oaep), MESSAGE, algorithm)
    # A private RSA key is too long for a direct encryption.
    unfit = ("UnsupportedOperationException", "ValidationException", "InvalidKeyUsageException")
    refused(unfit, parameters, kms=kms, key=waiting_key(kms, spec), algorithm=OAEP_256)


@check("K11", "Import ECC P-256 private key, Sign verifies locally")
def ecc_key(aws):
    holds_ecc(aws.kms, "ECC_NIST_P256", "ECDSA_SHA_256", OAEP_256)
    agreeing, private = (
        waiting_key(aws.kms, "ECC_NIST_P256", KeyUsage="KEY_AGREEMENT"),
        private_key("ECC_NIST_P256"),
    )
    import_into(aws.kms, agreeing, pkcs8(private))
    other = private_key("ECC_NIST_P256")
    agreed = aws.kms.derive_shared_secret(KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=spki(other))
    same(agreed["SharedSecret"], other.exchange(ec.ECDH(), private.public_key()), "the shared secret")
    same(agreed.get("KeyOrigin"), "EXTERNAL", "KeyOrigin")


@check(
    "E04", "Import ECC P-384, P-521, secp256k1 and RSA 3072, 4096 private keys, Sign verifies locally", limit_s=90
)
def other_pairs(aws):
    holds_ecc(aws.kms, "ECC_NIST_P384", "ECDSA_SHA_384", OAEP_1)
    holds_ecc(aws.kms, "ECC_NIST_P521", "ECDSA_SHA_512", AES_256)
    holds_ecc(aws.kms, "ECC_SECG_P256K1", "ECDSA_SHA_256", AES_1)
    for spec in ("RSA_3072", "RSA_4096"):
        key, private = waiting_key(aws.kms, spec), private_key(spec)
        import_into(aws.kms, key, pkcs8(private), AES_256)
        signs_as(aws.kms, key, private, "RSASSA_PSS_SHA_384")
    # Direct wrapping of a P-521 key needs more than RSA_2048.
    unfit = ("UnsupportedOperationException", "ValidationException", "InvalidKeyUsageException")
    refused(unfit, parameters, kms=aws.kms, key=waiting_key(aws.kms, "ECC_NIST_P521"))


@check("K12", "Import HMAC_256, GenerateMac equals local HMAC")
def hmac_key(aws):
    for spec in ("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"):
        key, material = imported_key(aws.kms, spec=spec)
        makes_mac_of(aws.kms, key, spec, material)


@check("K18", "Two parameter sets outstanding for a key, the older still works")
def several_sets(aws):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    sets = [(algorithm, parameters(kms, key, algorithm)) for algorithm in (OAEP_256, OAEP_1, AES_256, OAEP_256)]
    for algorithm, given in (sets[0], sets[3], sets[1], sets[2], sets[0]):
        wrapped = wrap(algorithm, given["PublicKey"], material)
        token = given["ImportToken"]
        kms.import_key_material(KeyId=key, ImportToken=token, EncryptedKeyMaterial=wrapped, **STAYS)
        same(state(kms, key), "Enabled")
    # A public key belongs to its token.
    wrapped = wrap(OAEP_256, sets[0][1]["PublicKey"], material)
    asked = {"KeyId": key, "EncryptedKeyMaterial": wrapped, "ImportToken": sets[3][1]["ImportToken"], **STAYS}
    refused("InvalidCiphertextException", kms.import_key_material, **asked)


@check("K19", "Reimport of the same material while Enabled (change of expiry) works")
def change_of_expiry(aws):
    kms = aws.kms
    key, material = imported_key(kms)
    blob = round_trip(kms, key)
    for days in (10, 300, None, 20):
        end = days and (aws.now() + timedelta(days=days)).replace(microsecond=0)
        said = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": end} if days else STAYS
        import_into(kms, key, material, **said)
        shown = kms.describe_key(KeyId=key)["KeyMetadata"]
        has(shown, KeyState="Enabled", ValidTo=end, ExpirationModel=said["ExpirationModel"])
        same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], MESSAGE)
    for spec in ("HMAC_256", "ECC_NIST_P256"):
        material = secret(spec) if spec in LENGTHS else pkcs8(private_key(spec))
        key, _ = imported_key(kms, material, spec)
        import_into(kms, key, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=end)
        has(kms.describe_key(KeyId=key)["KeyMetadata"], KeyState="Enabled", ValidTo=end)


@check("K26", "DeleteImportedKeyMaterial: PendingImport, Decrypt refused, back after reimport")
def material_deleted(aws):
    kms = aws.kms
    key, material = imported_key(kms)
    blob = round_trip(kms, key)
    before = current_material(kms, key)
    answer = kms.delete_imported_key_material(KeyId=key)
    has(answer, KeyId=arn(aws.account(), key), KeyMaterialId=before)
    has(kms.describe_key(KeyId=key)["KeyMetadata"], KeyState="PendingImport", Enabled=False)
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=MESSAGE)
    import_into(kms, key, material)
    same(state(kms, key), "Enabled")
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], MESSAGE)
    mac, bytes_ = imported_key(kms, spec="HMAC_384")
    kms.delete_imported_key_material(KeyId=mac)
    refused("KMSInvalidStateException", kms.generate_mac, KeyId=mac, MacAlgorithm="HMAC_SHA_384", Message=MESSAGE)
    import_into(kms, mac, bytes_)
    makes_mac_of(kms, mac, "HMAC_384", bytes_)


@check("K28", "KeyMaterialId from ImportKeyMaterial equals CurrentKeyMaterialId, stable over reimport")
def ids_of_materials(aws):
    kms = aws.kms
    key, material = waiting_key(kms), secret()
    first = import_into(kms, key, material)["KeyMaterialId"]
    assert len(first) == 64 and set(first) <= set("0123456789abcdef"), first
    same(current_material(kms, key), first)
    same(import_into(kms, key, material)["KeyMaterialId"], first, "after a reimport")
    kms.delete_imported_key_material(KeyId=key)
    same(import_into(kms, key, material, OAEP_1, KeyMaterialId=first)["KeyMaterialId"], first, "after a deletion")
    same(current_material(kms, key), first)
    answer = kms.encrypt(KeyId=key, Plaintext=MESSAGE)
    same(kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["KeyMaterialId"], first)
    other = waiting_key(kms)
    assert import_into(kms, other, material)["KeyMaterialId"] != first, "two keys with one material id"
    refused(
        "IncorrectKeyMaterialException", import_into, kms=kms, key=key, material=material, KeyMaterialId="0" * 64
    )
    mac = waiting_key(kms, "HMAC_256")
    assert "KeyMaterialId" not in import_into(kms, mac, secret("HMAC_256")), "a material id of an HMAC key"


def holds_ecc(kms, spec, algorithm, wrapping):
    key, private = waiting_key(kms, spec), private_key(spec)
    import_into(kms, key, pkcs8(private), wrapping)
    same(kms.get_public_key(KeyId=key)["PublicKey"], spki(private), "the public key")
    signs_as(kms, key, private, algorithm)


def makes_mac_of(kms, key, spec, material):
    """The key makes the MAC that Python's `hmac` makes of the same bytes, and knows it again."""
    bits = spec.removeprefix("HMAC_")
    said = {"KeyId": key, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": MESSAGE}
    mac = kms.generate_mac(**said)["Mac"]
    same(mac, hmac.new(material, MESSAGE, DIGESTS[bits]).digest(), f"the MAC of {spec}")
    same(kms.verify_mac(**said, Mac=mac)["MacValid"], True)
    refused("KMSInvalidMacException", kms.verify_mac, **said, Mac=bytes(len(mac)))


def signs_as(kms, key, private, algorithm):
    """What the key signs, `cryptography` verifies; and the other way round."""
    digest = HASHES[algorithm.rsplit("_", 1)[1]]()
    said = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    public = private.public_key()
    if algorithm.startswith("ECDSA"):
        rest = (ec.ECDSA(digest),)
    elif "PSS" in algorithm:
        rest = (padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    else:
        rest = (padding.PKCS1v15(), digest)
    public.verify(kms.sign(**said)["Signature"], MESSAGE, *rest)
    same(kms.verify(**said, Signature=private.sign(MESSAGE, *rest))["SignatureValid"], True, algorithm)
    other = {**said, "Message": b"another"}
    refused("KMSInvalidSignatureException", kms.verify, **other, Signature=private.sign(MESSAGE, *rest))
