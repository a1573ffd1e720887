"""Where a check works: a server, an account of its own there, clients, and the clock."""

import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader
from dateutil.parser import isoparse

import model

HERE, THERE, ELSEWHERE = "eu-west-1", "us-west-2", "ap-southeast-2"

# Client-side validation is off: the server is to refuse what is wrong, and `model` looks at what is sent.
SETTINGS = Config(
    parameter_validation=False,
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 1},
)
# botocore signs links to objects in the way that S3 gave up in 2020 unless it is told otherwise.
FOR_S3 = SETTINGS.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"}))

# Whose models are looked at.
SERVICES = (
    "kms",
    "iam",
    "sts",
    "s3",
    "organizations",
    "cloudtrail",
    "logs",
    "cloudwatch",
    "resourcegroupstaggingapi",
    "account",
    "accessanalyzer",
    "cloudhsmv2",
    "ec2",
    "sso",
    "sso-oidc",
)

# The service models are read once, in the process from which those of the checks are forked.
models = create_loader()


@dataclass(frozen=True)
class Server:
    """A server, and with which credentials it is asked. Without an access key id, each check is the
    administrator of an account of its own: its number is the access key id. `variants` are addresses of the
    same server started otherwise."""

    name: str
    endpoint: str
    access_key_id: str | None = None
    secret_access_key: str = "test"
    variants: dict = field(default_factory=dict)


def read_models():
    """Reads what clients need, before processes are forked."""
    place = Place(Server("nowhere", "http://127.0.0.1:1"))
    for service in SERVICES:
        place.client(service)


class NoClock(AssertionError):
    """The server's clock cannot be moved."""


class Place:
    """One check's view of the server."""

    def __init__(self, server, record=None, alone=True):
        self.server = server
        self.alone = alone
        self.record = record or model.Record()
        session = botocore.session.Session()
        session.register_component("data_loader", models)
        self._session = boto3.Session(botocore_session=session)
        model.listen(self._session.events, self.record)
        own = server.access_key_id or f"{random.SystemRandom().randrange(10**11, 10**12)}"
        self.credentials = {"AccessKeyId": own, "SecretAccessKey": server.secret_access_key}
        self._clients = {}
        self.steps = []

    def step(self, sentence):
        """What was just shown to hold, of a check that tells a story."""
        self.steps.append(sentence)

    @property
    def kms(self):
        return self.client("kms")

    @property
    def iam(self):
        return self.client("iam")

    @property
    def sts(self):
        return self.client("sts")

    def kms_in(self, region):
        return self.client("kms", region)

    def client(self, service, region=HERE, credentials=None):
        """A client for the administrator, or for whoever holds the credentials (as IAM and STS answer them)."""
        given = credentials or self.credentials
        name = (service, region, given["AccessKeyId"], given.get("SessionToken"))
        if name not in self._clients:
            self._clients[name] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.server.endpoint,
                aws_access_key_id=given["AccessKeyId"],
                aws_secret_access_key=given["SecretAccessKey"],
                aws_session_token=given.get("SessionToken"),
                config=FOR_S3 if service == "s3" else SETTINGS,
            )
        return self._clients[name]

    def account(self):
        """The number of the administrator's account."""
        return self.sts.get_caller_identity()["Account"]

    def now(self):
        """The server's present, which is real time where nobody moved its clock."""
        try:
            return self._clock()
        except (NoClock, OSError):
            return datetime.now(timezone.utc)

    def advance(self, **by):
        """Moves the server's clock forwards; the words are those of `timedelta`."""
        assert self.alone, "other checks run meanwhile: this one has to say that it moves the clock"
        step = timedelta(**by)
        before = self._clock()
        self._ask_clock(json.dumps({"advance_s": int(step.total_seconds())}).encode())
        if self._clock() < before + step:
            raise NoClock("no clock")

    def let_pass(self, seconds):
        """A few seconds, on the server's clock if it can be moved, else in real time."""
        try:
            self.advance(seconds=seconds)
        except NoClock:
            time.sleep(seconds)

    def _clock(self):
        try:
            return isoparse(self._ask_clock()["now"])
        except (KeyError, TypeError, ValueError) as error:
            raise NoClock("no clock") from error

    def _ask_clock(self, body=None):
        try:
            with urllib.request.urlopen(f"{self.server.endpoint}/_sandbox/clock", body, timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.HTTPError, ValueError) as error:
            raise NoClock("no clock") from error
