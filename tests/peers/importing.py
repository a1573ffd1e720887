"""Key material imported by boto3 through the sandbox is really used."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from clients import boto3_client
from servers import ownkey_sandbox

OAEP_HASHES = {"RSAES_OAEP_SHA_1": hashes.SHA1, "RSAES_OAEP_SHA_256": hashes.SHA256}
MACS = {
    "HMAC_224": ("HMAC_SHA_224", 28, hashlib.sha224),
    "HMAC_256": ("HMAC_SHA_256", 32, hashlib.sha256),
    "HMAC_384": ("HMAC_SHA_384", 48, hashlib.sha384),
    "HMAC_512": ("HMAC_SHA_512", 64, hashlib.sha512),
}


def check_imported_hmac_key_makes_pythons_mac(report):
    """an HMAC key imported by boto3 makes the MAC that Python's hmac makes of the same bytes"""
    with ownkey_sandbox("empty") as endpoint:
        kms = boto3_client("kms", endpoint)
        made = 0
        for spec, (algorithm, length, digest) in MACS.items():
            for wrapping in OAEP_HASHES:
                material = os.urandom(length)
                key = import_key(kms, spec, material, wrapping)
                message = b"one message"
                answer = kms.generate_mac(KeyId=key, MacAlgorithm=algorithm, Message=message)
                expected = hmac.new(material, message, digest).digest()
                assert hmac.compare_digest(answer["Mac"], expected), (spec, wrapping)
                made += 1
    report(f"{made} keys: {', '.join(MACS)} under {' and '.join(OAEP_HASHES)}")


def check_wrapping_keys_of_every_length(report):
    """material wrapped under RSA 2048, 3072 and 4096 arrives unchanged"""
    with ownkey_sandbox("empty") as endpoint:
        kms = boto3_client("kms", endpoint)
        for bits in (2048, 3072, 4096):
            material = os.urandom(32)
            key = import_key(kms, "HMAC_256", material, "RSAES_OAEP_SHA_256", f"RSA_{bits}")
            answer = kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=b"m")
            assert answer["Mac"] == hmac.new(material, b"m", hashlib.sha256).digest(), bits
    report("RSA_2048, RSA_3072, RSA_4096")


def import_key(kms, spec, material, algorithm, wrapping_spec="RSA_2048"):
    key = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
    key_id = key["KeyMetadata"]["KeyId"]
    assert key["KeyMetadata"]["KeyState"] == "PendingImport", key
    wrap_and_import(kms, key_id, material, algorithm, wrapping_spec)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    return key_id


def wrap_and_import(kms, key, material, algorithm, wrapping_spec="RSA_2048", **said):
    """Imports bytes into a key by boto3 and Python's cryptography."""
    asked = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_spec
    )
    public_key = load_der_public_key(asked["PublicKey"])
    assert public_key.key_size == int(wrapping_spec.removeprefix("RSA_")), public_key.key_size
    digest = OAEP_HASHES[algorithm]
    oaep = padding.OAEP(mgf=padding.MGF1(digest()), algorithm=digest(), label=None)
    kms.import_key_material(
        KeyId=key,
        ImportToken=asked["ImportToken"],
        EncryptedKeyMaterial=public_key.encrypt(material, oaep),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        **said,
    )


CHECKS = [check_imported_hmac_key_makes_pythons_mac, check_wrapping_keys_of_every_length]
