"""A key file goes into the app, and boto3 and openssl prove that exactly these bytes arrived in AWS."""

from key_files import CURVES, RSA_BITS, private_key_file, secret_file
from openssl import openssl
from proofs import HMACS, MESSAGE, encrypts, holds, makes_macs_of, signatures_hold, takes
from uploading import SERVERS, at_work

OAEP = {"sha256": "RSAES_OAEP_SHA_256", "sha1": "RSAES_OAEP_SHA_1"}


def check_hmac_files_arrive(report):
    """of an HMAC key's file, AWS makes the MAC that openssl makes of the file's bytes"""
    for server in SERVERS:
        with at_work(server) as (app, kms, folder):
            files = [secret_file(folder, spec) for spec in HMACS]
            files += [secret_file(folder, "HMAC_256", form) for form in ("hex", "base64")]
            for file in files:
                key = app.upload(file, "GENERATE_VERIFY_MAC")["key"]
                assert makes_macs_of(kms, key, file), (server, str(file))
        report(f"{server}: {', '.join(map(str, files))}")


def check_signing_keys_arrive(report):
    """what AWS signs with an uploaded RSA or ECC key, openssl verifies with the file's public key"""
    for server in SERVERS:
        verified = 0
        with at_work(server) as (app, kms, folder):
            files = [private_key_file(folder, spec, form) for spec, form in in_both_forms()]
            for file in files:
                key = app.upload(file, "SIGN_VERIFY")["key"]
                verified += signatures_hold(kms, key, file)
        report(f"{server}: {verified} signatures by {', '.join(map(str, files))}")


def check_decrypting_keys_arrive(report):
    """AWS opens with an uploaded RSA key what openssl encrypted to the file's public key"""
    for server in SERVERS:
        with at_work(server) as (app, kms, folder):
            for spec, form in zip(RSA_BITS, ("DER", "PEM", "DER")):
                file = private_key_file(folder, spec, form)
                key = app.upload(file, "ENCRYPT_DECRYPT")["key"]
                for digest, algorithm in OAEP.items():
                    blob = openssl(
                        *("pkeyutl", "-encrypt", "-pubin", "-inkey", file.public_key()),
                        *("-pkeyopt", "rsa_padding_mode:oaep"),
                        *("-pkeyopt", f"rsa_oaep_md:{digest}", "-pkeyopt", f"rsa_mgf1_md:{digest}"),
                        stdin=MESSAGE,
                    )
                    opened = kms.decrypt(
                        KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm
                    )
                    assert opened["Plaintext"] == MESSAGE, (server, spec, algorithm)
        report(f"{server}: {', '.join(RSA_BITS)} under {', '.join(OAEP.values())}")


def check_agreeing_keys_arrive(report):
    """AWS and openssl come to the same secret with an uploaded key for key agreement"""
    with at_work("ownkey-sandbox") as (app, kms, folder):
        curves = [spec for spec in CURVES if "NIST" in spec]
        for spec in curves:
            ours, theirs = (private_key_file(folder, spec) for _ in range(2))
            key = app.upload(ours, "KEY_AGREEMENT")["key"]
            answer = kms.derive_shared_secret(
                KeyId=key,
                KeyAgreementAlgorithm="ECDH",
                PublicKey=openssl("pkey", "-pubin", "-in", theirs.public_key(), "-outform", "DER"),
            )
            options = ("-inkey", theirs.path, "-peerkey", ours.public_key())
            assert answer["SharedSecret"] == openssl("pkeyutl", "-derive", *options), spec
        report(f"ownkey-sandbox: {', '.join(curves)}")


def check_symmetric_files_arrive(report):
    """into an uploaded symmetric key AWS takes the file's bytes once more from boto3, and no others"""
    with at_work("ownkey-sandbox") as (app, kms, folder):
        for form in ("raw", "hex", "base64"):
            file = secret_file(folder, "SYMMETRIC_DEFAULT", form)
            key = app.upload(file, "ENCRYPT_DECRYPT")["key"]
            assert holds(kms, key, file.material), form
            assert encrypts(kms, key)
    report("ownkey-sandbox: raw, hex, base64")
    with at_work("MiniStack") as (app, kms, folder):
        file = secret_file(folder, "SYMMETRIC_DEFAULT")
        key = app.upload(file, "ENCRYPT_DECRYPT")["key"]
        assert encrypts(kms, key)
        told = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert (told["Origin"], told["KeyState"]) == ("EXTERNAL", "Enabled"), told
        assert takes(kms, key, file.material), "MiniStack refuses the same bytes"
        assert takes(kms, key, openssl("rand", 32)), "MiniStack has learned to compare: test it"
    report("MiniStack: the key is enabled, encrypts and decrypts, and takes the same bytes again")
    report("not supported by MiniStack: refusing other bytes, so it proves nothing about these")


def in_both_forms():
    """Every kind of private key; PEM and DER in turn."""
    specs = (*RSA_BITS, *CURVES)
    return [(spec, ("PEM", "DER")[at % 2]) for at, spec in enumerate(specs)]


CHECKS = [
    check_hmac_files_arrive,
    check_signing_keys_arrive,
    check_decrypting_keys_arrive,
    check_agreeing_keys_arrive,
    check_symmetric_files_arrive,
]
