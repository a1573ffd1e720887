"""What the sandbox signs and agrees on is what Python's cryptography makes of the same keys."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from clients import boto3_client
from servers import ownkey_sandbox

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
SPECS = ("RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1")
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
}


def check_signatures_hold_outside(report):
    """every signing algorithm's signatures, of messages and of digests, hold under the public key"""
    held = 0
    with ownkey_sandbox("empty") as endpoint:
        kms = boto3_client("kms", endpoint)
        for spec in SPECS:
            key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
            public = load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
            for algorithm in key["SigningAlgorithms"]:
                for form, message in (("RAW", b"one message"), ("DIGEST", digest(algorithm))):
                    signature = kms.sign(
                        KeyId=key["KeyId"],
                        Message=message,
                        MessageType=form,
                        SigningAlgorithm=algorithm,
                    )["Signature"]
                    verify(public, algorithm, signature, b"one message")
                    try:
                        verify(public, algorithm, signature, b"another message")
                    except InvalidSignature:
                        held += 1
    report(f"{held} signatures by {', '.join(SPECS)}")


def check_shared_secrets_are_the_same_outside(report):
    """DeriveSharedSecret comes to the secret to which the other side comes"""
    with ownkey_sandbox("empty") as endpoint:
        kms = boto3_client("kms", endpoint)
        for spec, curve in CURVES.items():
            key = kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
            theirs = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
            ours = ec.generate_private_key(curve)
            answer = kms.derive_shared_secret(
                KeyId=key,
                KeyAgreementAlgorithm="ECDH",
                PublicKey=ours.public_key().public_bytes(
                    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
                ),
            )
            assert answer["SharedSecret"] == ours.exchange(ec.ECDH(), theirs), spec
    report(", ".join(CURVES))


def digest(algorithm):
    made = hashes.Hash(HASHES[algorithm[-3:]])
    made.update(b"one message")
    return made.finalize()


def verify(public, algorithm, signature, message):
    hashed = HASHES[algorithm[-3:]]
    if algorithm.startswith("ECDSA"):
        public.verify(signature, message, ec.ECDSA(hashed))
    elif "PSS" in algorithm:
        pss = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
        public.verify(signature, message, pss, hashed)
    else:
        public.verify(signature, message, padding.PKCS1v15(), hashed)


CHECKS = (check_signatures_hold_outside, check_shared_secrets_are_the_same_outside)
