"""The `openssl` command."""

import subprocess


def openssl(*arguments, stdin=b""):
    """Runs it; what it writes to its output."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[:2])}: {done.stderr.decode()}"
    return done.stdout
