"""A backup opens with the stock `age` command and gives the bytes back."""

import base64
import json
import os
import pty
import shutil
import subprocess
import tempfile
from pathlib import Path

from examples import run_example
from key_files import CURVES, LENGTHS, RSA_BITS, canonical, private_key_file, secret_file
from openssl import openssl
from uploading import PASSPHRASE, at_work


def check_backup_opens_with_age(report):
    """the stock age command opens a backup of each kind of material and gives the bytes back"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_example("backup", folder)
        backups = sorted(folder.glob("*.age"))
        assert len(backups) == 12, backups
        for backup in backups:
            contents = json.loads(age_decrypt(backup, PASSPHRASE))
            assert contents["format"] == "ownkey-backup", contents["format"]
            assert contents["spec"] == backup.stem, contents["spec"]
            material = backup.with_suffix(".material").read_bytes()
            assert base64.b64decode(contents["material"], validate=True) == material, backup.stem
        refused = age_decrypt(backups[-1], PASSPHRASE + "r")
        assert not refused, "another passphrase opens it"
    version = subprocess.run(["age", "--version"], capture_output=True, text=True).stdout.strip()
    report(f"{len(backups)} backups opened by age {version}")


def check_backups_of_uploads_open_with_age(report):
    """the backup of an uploaded file opens with the stock age command and gives its bytes back"""
    usages = {"SYMM": "ENCRYPT_DECRYPT", "HMAC": "GENERATE_VERIFY_MAC"}
    with at_work("ownkey-sandbox") as (app, _, folder):
        files = [(secret_file(folder, spec), usages[spec[:4]]) for spec in LENGTHS]
        files += [(private_key_file(folder, spec), "SIGN_VERIFY") for spec in (*RSA_BITS, *CURVES)]
        for file, usage in files:
            backup = app.upload(file, usage)["backup"]
            contents = json.loads(age_decrypt(backup, PASSPHRASE))
            assert contents["spec"] == file.spec, contents["spec"]
            material = base64.b64decode(contents["material"], validate=True)
            assert material == file.material, str(file)
            if usage == "SIGN_VERIFY":
                assert canonical(material) == material, "not as openssl writes it"
                public = openssl("pkey", "-inform", "DER", "-pubout", stdin=material)
                assert public == file.public_key().read_bytes(), str(file)
    report(f"{len(files)} backups, of every kind of key")


def age_decrypt(file, passphrase):
    """What is in a backup; nothing if it does not open."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "plaintext"
        age(["--decrypt", "--output", output, file], passphrase)
        return output.read_bytes() if output.exists() else b""


def age(arguments, passphrase, folder=None):
    """`age` asks for a passphrase at a terminal only: it gets one of its own."""
    program = shutil.which("age")
    assert program, "the age command is missing (apt-get install age)"
    child, terminal = pty.fork()
    if child == 0:
        if folder is not None:
            os.chdir(folder)
        os.execv(program, [program, *map(str, arguments)])
    converse(terminal, passphrase)
    os.waitpid(child, 0)


def converse(terminal, passphrase):
    """Answers each question for the passphrase, and reads on until the program has ended."""
    asked = b""
    while True:
        try:
            heard = os.read(terminal, 1024)
        except OSError:  # How Linux tells that the other side is gone.
            heard = b""
        if not heard:
            os.close(terminal)
            return
        asked += heard
        if b"passphrase" in asked.lower() and asked.rstrip().endswith(b":"):
            os.write(terminal, passphrase.encode() + b"\n")
            asked = b""


CHECKS = [check_backup_opens_with_age, check_backups_of_uploads_open_with_age]

if __name__ == "__main__":
    for check in CHECKS:
        check(print)
