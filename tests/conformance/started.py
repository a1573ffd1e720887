"""The servers that the checks are asked of: each is started for the run, and ended after it."""

import contextlib
import os
import subprocess

from place import Server
from servers import end, free_port, ministack, ownkey_sandbox, wait_for


@contextlib.contextmanager
def sandbox():
    """`ownkey-sandbox`, and more of it that do what it does only when asked to."""
    with (
        ownkey_sandbox("empty") as endpoint,
        ownkey_sandbox("empty", "--quotas") as busy,
        ownkey_sandbox("empty", "--consistency-ms", "400") as slow,
        ownkey_sandbox("empty", "--strict") as strict,
        ownkey_sandbox("company") as company,
    ):
        variants = {"quotas": busy, "consistency": slow, "strict": strict, "company": company}
        yield Server("sandbox", endpoint, variants=variants)


@contextlib.contextmanager
def ministack_server():
    with ministack() as endpoint:
        yield Server("MiniStack", endpoint)


@contextlib.contextmanager
def moto_server():
    """moto, from the environment that `OWNKEY_MOTO` names."""
    program = os.environ.get("OWNKEY_MOTO")
    if not program:
        raise OSError("moto is not installed")
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"{endpoint}/moto-api/", process, seconds=60)
        yield Server("moto", endpoint)
    finally:
        end(process)


PEERS = {"MiniStack": ministack_server, "moto": moto_server}
