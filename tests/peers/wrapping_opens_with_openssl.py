"""What OwnKey wraps for AWS, `openssl` opens; what OwnKey makes, `openssl` reads."""

import tempfile
from pathlib import Path

from examples import run_example
from openssl import openssl

SIZES = {"RSA_2048": 256, "RSA_3072": 384, "RSA_4096": 512}
HASHES = {"SHA_256": "sha256", "SHA_1": "sha1"}


def check_wrapped_material_opens_with_openssl(report):
    """openssl opens material of each kind, wrapped in each way under each wrapping key"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES:
            make_wrapping_key(folder, size)
        run_example("wrap", folder)
        opened = 0
        for material in sorted(folder.glob("*.material")):
            for blob in sorted(folder.glob(f"{material.stem}.RSA_*")):
                _, size, algorithm = blob.name.split(".")
                assert unwrap(folder, blob, size, algorithm) == material.read_bytes(), blob.name
                opened += 1
    # Under each key and hash: 5 plain and 4 ECC materials by OAEP, 3 RSA and 4 ECC ones by key
    # wrap; but ECC_NIST_P521 is too long for OAEP under RSA_2048.
    assert opened == 3 * 2 * 16 - 2, opened
    report(f"{opened} blobs")


def check_made_keys_are_read_by_openssl(report):
    """openssl finds the RSA and ECC keys that OwnKey makes in order, and their public keys equal"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES:
            make_wrapping_key(folder, size)
        run_example("wrap", folder)
        keys = sorted(folder.glob("*.public"))
        assert len(keys) == 7, keys
        for public in keys:
            private = public.with_suffix(".material")
            openssl("pkey", "-inform", "DER", "-in", private, "-check", "-noout")
            found = openssl("pkey", "-inform", "DER", "-in", private, "-pubout", "-outform", "DER")
            assert found == public.read_bytes(), public.stem
            again = openssl(
                "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", private, "-outform", "DER"
            )
            assert again == private.read_bytes(), f"{public.stem}: not as openssl writes it"
    report(f"{len(keys)} keys")


def make_wrapping_key(folder, size):
    private = folder / f"{size}.pem"
    bits = size.removeprefix("RSA_")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-outform", "DER", "-out", folder / f"{size}.der")


def unwrap(folder, blob, size, algorithm):
    digest = HASHES["SHA_" + algorithm.rpartition("_SHA_")[2]]
    whole = blob.read_bytes()
    outer, inner = whole[: SIZES[size]], whole[SIZES[size] :]
    plaintext = openssl(
        *("pkeyutl", "-decrypt", "-inkey", folder / f"{size}.pem"),
        *("-pkeyopt", "rsa_padding_mode:oaep"),
        *("-pkeyopt", f"rsa_oaep_md:{digest}"),
        *("-pkeyopt", f"rsa_mgf1_md:{digest}"),
        stdin=outer,
    )
    if not algorithm.startswith("RSA_AES"):
        assert not inner, f"{len(inner)} bytes follow the ciphertext"
        return plaintext
    # The initial value of RFC 5649; openssl wants it said.
    key = plaintext.hex()
    return openssl("enc", "-d", "-id-aes256-wrap-pad", "-K", key, "-iv", "A65959A6", stdin=inner)


CHECKS = [check_wrapped_material_opens_with_openssl, check_made_keys_are_read_by_openssl]

if __name__ == "__main__":
    for check in CHECKS:
        check(print)
