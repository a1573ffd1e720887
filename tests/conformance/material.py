"""Key material as its owner has it: made, wrapped and imported with Python's `cryptography`."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from place import HERE

OAEP_256, OAEP_1 = "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"
AES_256, AES_1 = "RSA_AES_KEY_WRAP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"
ALGORITHMS = {OAEP_256: hashes.SHA256, OAEP_1: hashes.SHA1, AES_256: hashes.SHA256, AES_1: hashes.SHA1}
SIZES = ("RSA_2048", "RSA_3072", "RSA_4096")
STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}

LENGTHS = {"SYMMETRIC_DEFAULT": 32, "HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}
USAGES = {
    "SYMMETRIC_DEFAULT": "ENCRYPT_DECRYPT",
    **{spec: "GENERATE_VERIFY_MAC" for spec in LENGTHS if spec.startswith("HMAC")},
    **{spec: "SIGN_VERIFY" for spec in (*CURVES, *SIZES)},
}


def create(kms, **said):
    """A key that AWS made; its id."""
    return kms.create_key(**said)["KeyMetadata"]["KeyId"]


def waiting_key(kms, spec="SYMMETRIC_DEFAULT", **said):
    """A key that waits for material; its id."""
    usage = {"KeySpec": spec, "KeyUsage": USAGES[spec], **said}
    return create(kms, Origin="EXTERNAL", **usage)


def imported_key(kms, material=None, spec="SYMMETRIC_DEFAULT", **said):
    """A key with imported material; its id and its material."""
    material = material or secret(spec)
    key = waiting_key(kms, spec, **said)
    import_into(kms, key, material)
    return key, material


def secret(spec="SYMMETRIC_DEFAULT"):
    """Random bytes of the length that the key spec wants."""
    return os.urandom(LENGTHS[spec])


def private_key(spec):
    if spec in CURVES:
        return ec.generate_private_key(CURVES[spec]())
    return rsa.generate_private_key(65537, int(spec.removeprefix("RSA_")))


def pkcs8(key):
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def parameters(kms, key, algorithm=OAEP_256, size="RSA_2048"):
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=size)


def wrap(algorithm, public_key, material):
    """Wraps as AWS documents it: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html"""
    public_key = load_der_public_key(public_key)
    digest = ALGORITHMS[algorithm]
    oaep = padding.OAEP(mgf=padding.MGF1(digest()), algorithm=digest(), label=None)
    if algorithm in (OAEP_256, OAEP_1):
        return public_key.encrypt(material, oaep)
    once = os.urandom(32)
    return public_key.encrypt(once, oaep) + aes_key_wrap_with_padding(once, material)


def hand_in(kms, key, material, algorithm=OAEP_256, size="RSA_2048", **said):
    """The members of an ImportKeyMaterial request for these bytes, which does not let them expire unless told."""
    given = parameters(kms, key, algorithm, size)
    model = {} if "ExpirationModel" in said or "ValidTo" in said else STAYS
    wrapped = wrap(algorithm, given["PublicKey"], material)
    return {"KeyId": key, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrapped, **model, **said}


def import_into(kms, key, material, algorithm=OAEP_256, size="RSA_2048", **said):
    return kms.import_key_material(**hand_in(kms, key, material, algorithm, size, **said))


def material_ids(kms, key):
    """The key's materials by id, pending ones among them."""
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return {entry["KeyMaterialId"]: entry for entry in listed}


def current_material(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]


def round_trip(kms, key, message=b"one message", **context):
    """Encrypts and decrypts; the ciphertext."""
    blob = kms.encrypt(KeyId=key, Plaintext=message, **context)["CiphertextBlob"]
    decrypted = kms.decrypt(CiphertextBlob=blob, **context)["Plaintext"]
    assert decrypted == message, f"{message[:20]!r} became {decrypted[:20]!r}"
    # A byte or two may be in there by chance.
    assert len(message) < 8 or message not in blob, "the ciphertext shows the plaintext"
    return blob


def arn(account, key, region=HERE):
    return f"arn:aws:kms:{region}:{account}:key/{key}"
