"""Servers on free loopback ports, ended when the block ends."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path


@contextlib.contextmanager
def ownkey_sandbox(seed, *arguments):
    """`ownkey-sandbox --seed SEED`; yields its address."""
    command = [os.environ["OWNKEY_SANDBOX"], "--port", "0", "--seed", str(seed), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise RuntimeError(f"ownkey-sandbox said {line!r} in place of its address")
        yield line.removeprefix("listening on ").strip()
    finally:
        end(process)


@contextlib.contextmanager
def ministack():
    """MiniStack, an emulator that others wrote; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    # Bound to all interfaces unless told otherwise.
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    program = Path(sys.executable).parent / "ministack"
    with tempfile.TemporaryDirectory() as home, open(Path(home) / "log", "w") as log:
        process = subprocess.Popen(
            [program], env={**os.environ, **settings}, cwd=home, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"{address}/_ministack/health", process, seconds=60)
            yield address
        finally:
            end(process)


def calls(endpoint):
    """What the sandbox was asked so far, and by whom."""
    with urllib.request.urlopen(f"{endpoint}/_sandbox/calls") as answer:
        return json.load(answer)


def advance(endpoint, seconds):
    """Moves the sandbox's clock forwards."""
    body = json.dumps({"advance_s": seconds}).encode()
    with urllib.request.urlopen(f"{endpoint}/_sandbox/clock", data=body):
        pass


def wait_for(address, process, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # An answer is an answer.
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{address} does not answer: {error}") from error
            time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
