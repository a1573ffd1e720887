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

PASSPHRASE = "correct horse battery staple"


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


def age_decrypt(file, passphrase):
    """`age` asks for a passphrase at a terminal only: it gets one of its own."""
    program = shutil.which("age")
    assert program, "the age command is missing (apt-get install age)"
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "plaintext"
        child, terminal = pty.fork()
        if child == 0:
            os.execv(program, [program, "--decrypt", "--output", str(output), str(file)])
        converse(terminal, passphrase)
        os.waitpid(child, 0)
        return output.read_bytes() if output.exists() else b""


def converse(terminal, passphrase):
    """Answers the one question and reads on until the program has ended."""
    said, answered = b"", False
    while True:
        try:
            heard = os.read(terminal, 1024)
        except OSError:  # How Linux tells that the other side is gone.
            heard = b""
        if not heard:
            os.close(terminal)
            return
        said += heard
        if not answered and b"passphrase" in said.lower() and said.rstrip().endswith(b":"):
            os.write(terminal, passphrase.encode() + b"\n")
            answered = True


CHECKS = [check_backup_opens_with_age]

if __name__ == "__main__":
    for check in CHECKS:
        check(print)
