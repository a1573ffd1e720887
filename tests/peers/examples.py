"""Programs of the material crate, built with everything else."""

import os
import subprocess
from pathlib import Path


def run_example(name, *arguments):
    """An example of the crate that holds secret bytes; it lies beside the sandbox's program."""
    program = Path(os.environ["OWNKEY_SANDBOX"]).parent / "examples" / name
    subprocess.run([program, *map(str, arguments)], check=True)
