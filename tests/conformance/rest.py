"""Reads requests and answers of the REST protocols, whose members are in paths, queries and headers too.

As in `wire`, what does not fit the model is told, and what is read has one form for all protocols.
"""

import base64
import json
import re
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from dateutil.parser import isoparse

import wire

# What clients add to every request, whatever is asked.
_OF_EVERY_REQUEST = re.compile(
    r"x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer|te|checksum-.*)"
    r"|x-amz-sdk-.*|x-amz-meta-.*"
)
# What AWS adds to every answer. With these two, S3 says how it counts a request and where a bucket is.
_OF_EVERY_ANSWER = re.compile(
    r"x-amz-(request-id|id-2|bucket-region)|x-amzn-(requestid|errortype|trace-id)|x-amz-apigw-id"
)
# The root elements that are not named after a payload. The documentation shows them, the model does not.
_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def read_request(operation, request, found):
    """All members of a request, wherever they are."""
    shape, http = operation.input_shape, operation.http
    url = urlsplit(request.url)
    if request.method != http["method"]:
        found.add("method", f"is {request.method}")
    members = {} if shape is None else shape.members
    path, _, fixed = http["requestUri"].partition("?")
    # botocore takes the bucket out of S3's paths, since it may be in the address instead. Here it never is.
    if "Bucket" in members and "{Bucket}" not in path:
        path = f"/{{Bucket}}{path}"
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    for name, content in parse_qsl(fixed, keep_blank_values=True):
        if query.pop(name, None) != content:
            found.add(name, "is not in the query")
    value = _of_path(path, url.path, members, found)
    for name, member in members.items():
        where, word = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "querystring" and word in query:
            value[name] = _text(member, query.pop(word), name, found)
    for name in query:
        found.add(name, "is in the query and not in the model")
    value |= _of_headers(shape, _plain(request.headers), found, _OF_EVERY_REQUEST)
    body = request.body or b""
    if shape is not None and not hasattr(body, "read"):
        body = body.encode() if isinstance(body, str) else bytes(body)
        value |= _of_body(operation, shape, body, found, asked=True)
    return _without_nothing(value)


def read_response(operation, response, found):
    """All members of an answer, wherever they are."""
    shape = operation.output_shape
    value = _of_headers(shape, response["headers"], found, _OF_EVERY_ANSWER)
    allowed = {operation.http.get("responseCode", 200)}
    if operation.service_model.service_name == "s3":
        # Parts of objects, and what has nothing to say, as the examples in the documentation show it.
        allowed |= {206} if operation.name == "GetObject" else {204} if shape is None else set()
        allowed |= {204} if operation.http["method"] == "DELETE" else set()
    if response["status_code"] not in allowed:
        found.add("status", f"is {response['status_code']}")
    body = response["body"]
    if shape is None or operation.http["method"] == "HEAD":
        if body:
            found.add("", f"has a body though it has none in the model: {body[:40]!r}")
    elif isinstance(body, bytes):  # Else it is a stream, which the check reads.
        value |= _of_body(operation, shape, body, found, asked=False)
    return _without_nothing(value)


def read_error(operation, response, found):
    """A refusal of S3 in XML, of the others in JSON with the code in a header."""
    headers, body = response["headers"], response["body"]
    if operation.service_model.resolved_protocol == "rest-json":
        value = wire.as_json(body, found)
        if not isinstance(value, dict):
            return None
        code = headers.get("x-amzn-errortype", "").split(":")[0]
        if not code:
            found.add("x-amzn-ErrorType", "is missing")
            code = value.get("__type") or value.get("error") or ""
        message = value.get("message") or value.get("Message") or value.get("error_description") or ""
        return wire.Error(code, message, members=frozenset(value) - {"__type"})
    if operation.http["method"] == "HEAD" or response["status_code"] == 304:
        if body:
            found.add("", "has a body")
        return None
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        found.add("", f"is not XML: {body[:60]!r}")
        return None
    texts = {part.tag: part.text or "" for part in root}
    if root.tag != "Error":
        found.add("", f"is {root.tag} in place of Error")
    for name in ("Code", "Message", "RequestId", "HostId"):
        if name not in texts:
            found.add(name, "is missing")
    return wire.Error(texts.get("Code", ""), texts.get("Message", ""))


def _of_path(template, path, members, found):
    words = {member.serialization.get("name", name): name for name, member in members.items()}
    pattern = re.sub(
        r"\\\{(\w+)(\\\+)?\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(template)
    )
    matched = re.fullmatch(pattern, path) or re.fullmatch(f"{pattern}/", path)
    if not matched:
        found.add("path", f"is {path} in place of {template}")
        return {}
    return {words[word]: unquote(content) for word, content in matched.groupdict().items()}


def _of_headers(shape, headers, found, known):
    value, left = {}, {name.lower() for name in headers if name.lower().startswith("x-amz")}
    for name, member in (shape.members if shape is not None else {}).items():
        where, word = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "header" and word.lower() in left | {key.lower() for key in headers}:
            left.discard(word.lower())
            value[name] = _text(member, headers[word], word, found)
        elif where == "headers":
            own = {key: headers[key] for key in headers if key.lower().startswith(word.lower())}
            left -= {key.lower() for key in own}
            value[name] = {key[len(word) :]: content for key, content in own.items()}
    for name in left:
        if not known.fullmatch(name):
            found.add(name, "is a header that the model does not have")
    return value


def _of_body(operation, shape, body, found, asked):
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        if member.type_name in ("blob", "string"):
            return {payload: body.decode() if member.type_name == "string" else body} if body else {}
        if not body:
            return {}
        return {
            payload: _document(operation, member, body, found, asked, member.serialization.get("name", payload))
        }
    inside = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if not inside:
        if body not in (b"", b"{}"):
            found.add("", f"has a body that the model does not have: {body[:60]!r}")
        return {}
    value = _document(operation, shape, body, found, asked, _ROOTS.get(operation.name, f"{operation.name}Result"))
    return value if isinstance(value, dict) else {}


def _document(operation, shape, body, found, asked, root_name):
    if operation.service_model.resolved_protocol == "rest-json":
        value = wire.as_json(body or (b"{}" if asked else b""), found)
        if isinstance(value, dict) and operation.service_model.service_name.startswith("sso"):
            # Identity Center writes null for what it leaves out.
            value = {name: content for name, content in value.items() if content is not None}
        return {} if value is None else wire.from_json(shape, value, "", found)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        found.add("", f"is not XML: {body[:60]!r}")
        return wire.NOTHING
    if operation.name == "GetBucketLocation":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
        if root.tag != f"{{{_NAMESPACE}}}LocationConstraint":
            found.add("", f"is {root.tag}")
        return {"LocationConstraint": root.text} if root.text else {}
    if root.tag != f"{{{_NAMESPACE}}}{root_name}":
        found.add("", f"is {root.tag} in place of {root_name} of {_NAMESPACE}")
    return _from_xml(shape, root, "", found)


def _from_xml(shape, element, path, found):
    if shape.type_name == "structure":
        return _structure(shape, element, path, found)
    if shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for part in element:
            if _tag(part) != wanted:
                found.add(f"{path}.{_tag(part)}", f"is in a list of {wanted}")
        entries = [_from_xml(shape.member, part, f"{path}[{at}]", found) for at, part in enumerate(element)]
        return [entry for entry in entries if entry is not wire.NOTHING]
    if len(element):
        found.add(path, f"has elements though it is a {shape.type_name}")
        return wire.NOTHING
    return _text(shape, element.text or "", path, found)


def _structure(shape, element, path, found):
    members, parts = {}, list(element)
    for name, member in shape.members.items():
        said = member.serialization
        if said.get("xmlAttribute"):
            attribute = element.attrib.get(said["name"].replace("xsi:", _XSI))
            if attribute is not None:
                members[name] = attribute
            continue
        flat = member.type_name == "list" and said.get("flattened")
        word = (member.member.serialization.get("name") if flat else None) or said.get("name", name)
        own = [part for part in parts if _tag(part) == word]
        parts = [part for part in parts if part not in own]
        if flat and own:
            members[name] = [_from_xml(member.member, part, f"{path}.{word}[]", found) for part in own]
        elif own:
            if len(own) > 1:
                found.add(f"{path}.{word}", "is there twice")
            members[name] = _from_xml(member, own[0], f"{path}.{word}", found)
    for part in parts:
        found.add(f"{path}.{_tag(part)}", "is not in the model")
    return _without_nothing(members)


def _text(shape, text, path, found):
    """A value that is written as text, in a header or an element."""
    if isinstance(text, bytes):
        text = text.decode()
    if shape.type_name == "list":
        return [_text(shape.member, part.strip(), path, found) for part in text.split(",")]
    if shape.type_name == "string" and shape.serialization.get("jsonvalue"):
        return json.loads(base64.b64decode(text))
    if shape.type_name != "timestamp":
        return wire.scalar(shape.type_name, text, path, found)
    in_header = shape.serialization.get("location") == "header"
    form = shape.serialization.get("timestampFormat", "rfc822" if in_header else "iso8601")
    try:
        if form == "unixTimestamp":
            return float(text)
        if form == "rfc822" and text.endswith(" GMT"):
            return parsedate_to_datetime(text).timestamp()
        if form == "iso8601" and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
            return isoparse(text).timestamp()
    except ValueError:
        pass
    found.add(path, f"is {text[:40]!r}, which is no time as {form}")
    return wire.NOTHING


def _without_nothing(members):
    return {name: content for name, content in members.items() if content is not wire.NOTHING}


def _plain(headers):
    """A request's headers, some of which are bytes."""
    return _Headers(
        {name: content.decode() if isinstance(content, bytes) else content for name, content in headers.items()}
    )


class _Headers(dict):
    """Found by name in any case."""

    def __getitem__(self, name):
        return next(content for key, content in self.items() if key.lower() == name.lower())


def _tag(element):
    return element.tag.rsplit("}", 1)[-1]
