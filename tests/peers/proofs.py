"""By what one sees from outside which bytes AWS holds for a key."""

import tempfile

from importing import wrap_and_import
from openssl import openssl

MESSAGE = b"one message"
HMACS = {
    "HMAC_224": "HMAC_SHA_224",
    "HMAC_256": "HMAC_SHA_256",
    "HMAC_384": "HMAC_SHA_384",
    "HMAC_512": "HMAC_SHA_512",
}
RSA_SIGNATURES = {
    "RSASSA_PSS_SHA_256": "sha256",
    "RSASSA_PSS_SHA_512": "sha512",
    "RSASSA_PKCS1_V1_5_SHA_256": "sha256",
}
ECC_SIGNATURES = {
    "ECC_NIST_P256": {"ECDSA_SHA_256": "sha256"},
    "ECC_NIST_P384": {"ECDSA_SHA_384": "sha384"},
    "ECC_NIST_P521": {"ECDSA_SHA_512": "sha512"},
    "ECC_SECG_P256K1": {"ECDSA_SHA_256": "sha256"},
}


def makes_macs_of(kms, key, file):
    """Whether an HMAC key makes the MAC that openssl makes of the file's bytes."""
    algorithm = HMACS[file.spec]
    answer = kms.generate_mac(KeyId=key, MacAlgorithm=algorithm, Message=MESSAGE)
    digest = "-sha" + algorithm.removeprefix("HMAC_SHA_")
    options = ("-mac", "HMAC", "-macopt", f"hexkey:{file.material.hex()}", "-binary")
    return answer["Mac"] == openssl("dgst", digest, *options, stdin=MESSAGE)


def signatures_hold(kms, key, file):
    """How many kinds of signatures openssl verified with the file's public key: all of them."""
    algorithms = ECC_SIGNATURES.get(file.spec, RSA_SIGNATURES)
    for algorithm, digest in algorithms.items():
        answer = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)
        verify(file, algorithm, digest, answer["Signature"])
    return len(algorithms)


def verify(file, algorithm, digest, signature):
    options = ()
    if "PSS" in algorithm:
        options = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
    with tempfile.NamedTemporaryFile() as written:
        written.write(signature)
        written.flush()
        words = ("-verify", file.public_key(), "-signature", written.name)
        said = openssl("dgst", f"-{digest}", *options, *words, stdin=MESSAGE)
    assert said.strip() == b"Verified OK", (str(file), algorithm, said)


def holds(kms, key, material):
    """Whether a symmetric key holds these bytes: AWS takes them once more, and no others."""
    return takes(kms, key, material) and not takes(kms, key, openssl("rand", len(material)))


def takes(kms, key, material):
    """Whether AWS takes these bytes as those that a symmetric key has or had."""
    algorithm, said = "RSAES_OAEP_SHA_256", {"ImportType": "EXISTING_KEY_MATERIAL"}
    try:
        wrap_and_import(kms, key, material, algorithm, **said)
    except kms.exceptions.IncorrectKeyMaterialException:
        return False
    return True


def encrypts(kms, key):
    """Whether a key decrypts what it encrypted."""
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    return kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
