"""Key files as people have them: made by openssl, in the forms in which keys are passed on."""

import base64
from dataclasses import dataclass
from pathlib import Path

from openssl import openssl

LENGTHS = {
    "SYMMETRIC_DEFAULT": 32,
    "HMAC_224": 28,
    "HMAC_256": 32,
    "HMAC_384": 48,
    "HMAC_512": 64,
}
RSA_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES = {
    "ECC_NIST_P256": "P-256",
    "ECC_NIST_P384": "P-384",
    "ECC_NIST_P521": "P-521",
    "ECC_SECG_P256K1": "secp256k1",
}


@dataclass(frozen=True)
class KeyFile:
    """A file, and what AWS is to get out of it: the bytes, or the private key as PKCS#8 in DER."""

    path: Path
    spec: str
    form: str
    material: bytes

    def __str__(self):
        return f"{self.spec} ({self.form})"

    def public_key(self):
        """The file with the public key that openssl derives from the key file itself."""
        public = self.path.with_name(f"{self.path.name}.public")
        if not public.exists():
            # openssl sees by itself whether it is PEM or DER.
            openssl("pkey", "-in", self.path, "-pubout", "-out", public)
        return public


def secret_file(folder, spec, form="raw"):
    """A file of random bytes: as they are, as hexadecimal digits or as base64."""
    material = openssl("rand", LENGTHS[spec])
    path = fresh(folder, spec)
    written = {
        "raw": material,
        "hex": material.hex().encode() + b"\n",
        "base64": base64.b64encode(material) + b"\n",
    }
    path.write_bytes(written[form])
    return KeyFile(path, spec, form, material)


def private_key_file(folder, spec, form="PEM"):
    """An RSA or ECC private key in PKCS#8, as PEM or DER."""
    if spec in RSA_BITS:
        options = ("-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{RSA_BITS[spec]}")
    else:
        options = ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[spec]}")
    path = fresh(folder, spec)
    openssl("genpkey", *options, "-outform", form, "-out", path)
    return KeyFile(path, spec, form, canonical(path.read_bytes()))


def fresh(folder, spec):
    return Path(folder) / f"{spec}-{len(list(Path(folder).iterdir()))}"


def canonical(private_key):
    """A private key as openssl writes it: PKCS#8 in DER."""
    return openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=private_key)
