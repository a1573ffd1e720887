"""Every request and every answer, held against the service models that botocore ships.

Listens below boto3: what is read here are the bytes on the wire, not what boto3 made of them. What each
part of the wire may look like is in `wire` and `rest`, what values the models allow in `rules`, and which errors
come undeclared in `errors`.
"""

import contextlib
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import rest
import rules
import wire
from errors import COMMON_EC2, COMMON_JSON, COMMON_QUERY, S3, SILENT

_thread = threading.local()


@dataclass
class Record:
    """What was looked at, and what was wrong with it."""

    requests: int = 0
    responses: int = 0
    errors: int = 0
    operations: set = field(default_factory=set)
    violations: list = field(default_factory=list)

    def add(self, other):
        self.requests += other.requests
        self.responses += other.responses
        self.errors += other.errors
        self.operations |= other.operations
        self.violations += other.violations


@contextlib.contextmanager
def wrong_on_purpose():
    """What this thread sends meanwhile breaks the model, and is to."""
    _thread.wrong = True
    try:
        yield
    finally:
        _thread.wrong = False


def listen(events, record):
    """Looks at everything that the clients of a session send and get."""

    def sent(request, **_):
        _thread.request = request

    def answered(operation_model, response_dict, **_):
        request, _thread.request = _thread.request, None
        _judge(record, operation_model, request, response_dict)

    events.register("before-send", sent)
    events.register("before-parse", answered)


def _judge(record, operation, request, response):
    name = f"{operation.service_model.service_name}:{operation.name}"
    record.operations.add(name)
    found = _of_request(operation, request)
    if getattr(_thread, "wrong", False):
        found = [] if found else [("", "is said to break the model, and does not")]
    record.requests += 1
    record.violations += [(name, f"request {path}".strip(), sentence) for path, sentence in found]
    if response["status_code"] >= 300:
        record.errors += 1
        found = _of_error(operation, response)
    else:
        found = _of_response(operation, response)
    record.responses += 1
    record.violations += [(name, f"response {path}".strip(), sentence) for path, sentence in found]


def _of_request(operation, request):
    found = rules.Findings()
    body = request.body or b""
    shape = operation.input_shape
    if _protocol(operation).startswith("rest-"):
        value = rest.read_request(operation, request, found)
    elif _protocol(operation) == "json":
        target = request.headers.get("X-Amz-Target", b"")
        target = target.decode() if isinstance(target, bytes) else target
        wanted = f"{operation.service_model.metadata['targetPrefix']}.{operation.name}"
        if target != wanted:
            found.add("X-Amz-Target", f"is {target}")
        value = wire.read_json(shape, body or b"{}", found)
    else:
        text = body.decode() if isinstance(body, bytes) else body
        params = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
        wanted = {"Action": operation.name, "Version": operation.service_model.api_version}
        for member, content in wanted.items():
            if params.pop(member, None) != content:
                found.add(member, f"is not {content}")
        if _protocol(operation) == "ec2":
            return found  # What follows is written in a way of EC2's own.
        value = wire.read_query(shape, params, found)
    if shape is not None and value is not None:
        rules.check(shape, value, "", found)
    return found


def _of_response(operation, response):
    found = rules.Findings()
    shape = operation.output_shape
    _check_headers(operation, response, found)
    if _protocol(operation).startswith("rest-"):
        value = rest.read_response(operation, response, found)
    elif _protocol(operation) == "json":
        if shape is None:
            if response["body"] not in (b"", b"{}"):
                found.add("", "has a body though the operation has no output")
            return found
        value = wire.read_json(shape, response["body"], found)
    else:
        value = wire.read_xml(operation, response["body"], found)
    if shape is not None and value is not None:
        rules.check(shape, value, "", found)
    return found


def _of_error(operation, response):
    found = rules.Findings()
    _check_headers(operation, response, found)
    protocol = _protocol(operation)
    if protocol.startswith("rest-"):
        error = rest.read_error(operation, response, found)
    elif protocol == "json":
        error = wire.read_json_error(operation, response["body"], found)
    else:
        error = wire.read_xml_error(operation, response["body"], found)
    if error is None:
        return found
    status = response["status_code"]
    declared = {shape.error_code: shape for shape in operation.error_shapes}
    if error.code in declared:
        shape = declared[error.code]
        allowed = (_status_of(shape),)
        if protocol in ("json", "rest-json"):
            for member in error.members - set(shape.members) - {"message", "Message"}:
                found.add(member, f"is not a member of {shape.name}")
            for member in set(shape.required_members) - error.members - {"message", "Message"}:
                found.add(f"{error.code}.{member}", "is required and missing")
    else:
        allowed = _COMMON[protocol].get(error.code)
    if allowed is None:
        found.add(error.code, "is an error that the operation does not declare, and none of AWS's common errors")
    elif status not in allowed:
        found.add(error.code, f"has status {status} in place of {' or '.join(map(str, allowed))}")
    if not error.message and error.code not in SILENT:
        found.add(error.code, "has no message")
    if protocol == "query" and error.fault != ("Receiver" if status >= 500 else "Sender"):
        found.add(error.code, f"has the type {error.fault}")
    return found


_COMMON = {
    "json": COMMON_JSON,
    "rest-json": COMMON_JSON,
    "query": COMMON_QUERY,
    "ec2": COMMON_EC2,
    "rest-xml": S3,
}


def _status_of(shape):
    said = shape.metadata.get("error", {}).get("httpStatusCode")
    # botocore reads `fault` with the rest of the model and passes it on to nobody.
    return said or (500 if shape._shape_model.get("fault") else 400)


def _check_headers(operation, response, found):
    headers, protocol = response["headers"], _protocol(operation)
    kind = headers.get("content-type", "").split(";")[0].strip()
    version = operation.service_model.metadata.get("jsonVersion")
    wanted = {
        "json": f"application/x-amz-json-{version}",
        "rest-json": "application/json",
        "rest-xml": "application/xml",
    }.get(protocol, "text/xml")
    # An object has the type that was given to it, and what has no body needs none.
    free = protocol == "rest-xml" and (response["status_code"] < 300 or operation.http["method"] == "HEAD")
    if kind != wanted and not (free or response["status_code"] == 304):
        found.add("Content-Type", f"is {kind} in place of {wanted}")
    for name in ("x-amz-request-id", "x-amz-id-2") if protocol == "rest-xml" else ("x-amzn-RequestId",):
        if not headers.get(name.lower()):
            found.add(name, "is missing")


def _protocol(operation):
    return operation.service_model.resolved_protocol
