"""Every request and every answer, held against the service models that botocore ships.

Listens below boto3: what is read here are the bytes on the wire, not what boto3 made of them. What each
part of the wire may look like is in `wire`, what values the models allow in `rules`.
"""

import contextlib
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import rules
import wire

# AWS's common errors, which operations do not declare, with the statuses that AWS documents or was seen to
# give. https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the same page of IAM and STS.
COMMON_JSON = {
    "AccessDeniedException": (400, 403),
    "ExpiredTokenException": (400, 403),
    "IncompleteSignatureException": (400, 403),
    "InternalFailure": (500,),
    "InvalidSignatureException": (400, 403),
    "MissingAuthenticationTokenException": (400, 403),
    "NotAuthorizedException": (400,),
    "OptInRequired": (403,),
    "SerializationException": (400,),
    "ServiceUnavailableException": (503,),
    "ThrottlingException": (400,),
    "UnknownOperationException": (400, 404),
    "UnrecognizedClientException": (400, 403),
    "ValidationException": (400,),
}
COMMON_QUERY = {
    "AccessDenied": (403,),
    "ExpiredToken": (403,),
    "IncompleteSignature": (400,),
    "InternalFailure": (500,),
    "InvalidAction": (400,),
    "InvalidClientTokenId": (403,),
    "InvalidParameterCombination": (400,),
    "InvalidParameterValue": (400,),
    "MalformedInput": (400,),
    "MissingAction": (400,),
    "MissingAuthenticationToken": (403,),
    "MissingParameter": (400,),
    "OptInRequired": (403,),
    "RequestExpired": (400,),
    "ServiceUnavailable": (503,),
    "SignatureDoesNotMatch": (403,),
    "Throttling": (400,),
    "ValidationError": (400,),
}

# AWS gives no message with these.
SILENT = {
    "InvalidCiphertextException",
    "KMSInvalidSignatureException",
    "SerializationException",
    "UnknownOperationException",
}

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
    if _speaks_json(operation):
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
        value = wire.read_query(shape, params, found)
    if shape is not None and value is not None:
        rules.check(shape, value, "", found)
    return found


def _of_response(operation, response):
    found = rules.Findings()
    shape = operation.output_shape
    _check_headers(operation, response, found)
    if _speaks_json(operation):
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
    json = _speaks_json(operation)
    read = wire.read_json_error if json else wire.read_xml_error
    error = read(operation, response["body"], found)
    if error is None:
        return found
    status = response["status_code"]
    declared = {shape.error_code: shape for shape in operation.error_shapes}
    if error.code in declared:
        shape = declared[error.code]
        allowed = (_status_of(shape),)
        for member in error.members - set(shape.members) - {"message", "Message"}:
            found.add(member, f"is not a member of {shape.name}")
    else:
        allowed = (COMMON_JSON if json else COMMON_QUERY).get(error.code)
    if allowed is None:
        found.add(error.code, "is an error that the operation does not declare, and none of AWS's common errors")
    elif status not in allowed:
        found.add(error.code, f"has status {status} in place of {' or '.join(map(str, allowed))}")
    if not error.message and error.code not in SILENT:
        found.add(error.code, "has no message")
    if not json and error.fault != ("Receiver" if status >= 500 else "Sender"):
        found.add(error.code, f"has the type {error.fault}")
    return found


def _status_of(shape):
    said = shape.metadata.get("error", {}).get("httpStatusCode")
    # botocore reads `fault` with the rest of the model and passes it on to nobody.
    return said or (500 if shape._shape_model.get("fault") else 400)


def _check_headers(operation, response, found):
    headers = response["headers"]
    kind = headers.get("content-type", "").split(";")[0].strip()
    version = operation.service_model.metadata.get("jsonVersion")
    wanted = f"application/x-amz-json-{version}" if version else "text/xml"
    if kind != wanted:
        found.add("Content-Type", f"is {kind} in place of {wanted}")
    if not headers.get("x-amzn-requestid"):
        found.add("x-amzn-RequestId", "is missing")


def _speaks_json(operation):
    return operation.service_model.metadata["protocol"] == "json"
