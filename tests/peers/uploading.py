"""The app's own uploads and imports, one after another into one store."""

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

from clients import boto3_client, without_aws
from servers import end, ministack, ownkey_sandbox

PASSPHRASE = "correct horse battery staple"
PROFILE = "peer"
SERVERS = {"ownkey-sandbox": lambda: ownkey_sandbox("empty"), "MiniStack": ministack}


@contextlib.contextmanager
def at_work(server):
    """A server, the app on it, boto3 beside it, and a folder for key files."""
    with tempfile.TemporaryDirectory() as folder, SERVERS[server]() as endpoint:
        with app_uploads(endpoint) as app:
            yield app, boto3_client("kms", endpoint), Path(folder)


@contextlib.contextmanager
def app_uploads(endpoint, region="us-east-1"):
    """The program `upload_peer` on an endpoint; it ends with the block, and its keychain with it."""
    with tempfile.TemporaryDirectory() as name:
        peer = AppUploads(endpoint, region, Path(name))
        try:
            yield peer
        finally:
            peer.close()


class AppUploads:
    def __init__(self, endpoint, region, folder):
        self.folder, self.env = folder, profile_environment(folder, region)
        program = Path(os.environ["OWNKEY_SANDBOX"]).parent / "examples" / "upload_peer"
        self.command = [program, "--endpoint", endpoint, "--region", region]
        self.command += ["--data-dir", str(folder / "data"), "--profile", PROFILE]
        self.process = None

    def upload(self, key_file, usage, *words):
        """Uploads a file into a new key; the finished operation."""
        told = self.ask("--file", key_file.path, "--spec", key_file.spec, "--usage", usage, *words)
        return finished(told, key_file)

    def into(self, key, key_file, *words):
        """Imports a file into a key that is there; the finished operation."""
        return finished(self.ask("--file", key_file.path, "--into", key, *words), key_file)

    def ask(self, *words):
        """One job; what the program says of it, a refusal included."""
        words = [str(word) for word in words]
        if self.process is None:
            self.process = subprocess.Popen(
                [*self.command, *words],
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self.say(PASSPHRASE)
        else:
            self.say(json.dumps(words))
        line = self.process.stdout.readline()
        assert line, f"upload_peer ended with {self.process.wait()}"
        return json.loads(line)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            end(self.process)


def finished(told, key_file):
    assert told.get("state") == "finished", f"{key_file}: {told.get('error')}"
    unfinished = [step for step in told["steps"] if step["state"] != "done"]
    assert not unfinished, unfinished
    return told


def profile_environment(folder, region):
    """AWS's own files with one profile, and nothing else that says which AWS to ask, and as whom."""
    config, credentials = folder / "config", folder / "credentials"
    config.write_text(f"[profile {PROFILE}]\nregion = {region}\n")
    credentials.write_text(
        f"[{PROFILE}]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    return {**without_aws(), **files, "AWS_PAGER": ""}
