"""Reads bodies as the service models say that they are written, and tells what does not fit.

What is read has one form for all protocols: dictionaries, lists, strings, numbers, booleans, bytes for blobs,
seconds since 1970 for timestamps. Whether the values are allowed is decided in `rules`.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from dateutil.parser import isoparse

_XML_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOTHING = object()


@dataclass
class Error:
    """What a refusal says."""

    code: str
    message: str
    fault: str = ""
    members: frozenset = frozenset()


def as_json(body, found):
    """What a body of JSON says, or `None` if it is not one."""
    try:
        return json.loads(body)
    except ValueError:
        found.add("", f"is not JSON: {body[:60]!r}")
        return None


def read_json(shape, body, found):
    """A body of the JSON protocol, or `None` if it is not one."""
    value = as_json(body, found)
    if value is None:
        return None
    if shape is None:
        if value != {}:
            found.add("", "has members though the operation has none")
        return None
    value = from_json(shape, value, "", found)
    return None if value is NOTHING else value


def read_json_error(operation, body, found):
    """An error of the JSON protocol."""
    try:
        value = json.loads(body)
        code = value["__type"].rsplit("#", 1)[-1]
    except (ValueError, KeyError, TypeError, AttributeError):
        found.add("", f"is not an error: {body[:60]!r}")
        return None
    message = value.get("message") or value.get("Message") or ""
    return Error(code, message, members=frozenset(value) - {"__type"})


def from_json(shape, value, path, found):
    """A value of JSON, or `NOTHING` if it is none of this shape."""
    kind = shape.type_name
    if kind == "timestamp" and shape.serialization.get("timestampFormat") == "iso8601":
        return scalar(kind, value, path, found) if isinstance(value, str) else NOTHING
    wanted = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "blob": str,
        "boolean": bool,
        "integer": int,
        "long": int,
        "timestamp": (int, float),
        "float": (int, float),
        "double": (int, float),
    }[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
        found.add(path, f"is {json.dumps(value)[:40]}, which is no {kind}")
        return NOTHING
    if kind == "structure":
        return _members(
            found,
            path,
            value,
            shape.members,
            lambda name, at: from_json(shape.members[name], value[name], at, found),
        )
    if kind == "map":
        entries = {key: from_json(shape.value, one, f"{path}.{key}", found) for key, one in value.items()}
        return {key: one for key, one in entries.items() if one is not NOTHING}
    if kind == "list":
        entries = [from_json(shape.member, one, f"{path}[{number}]", found) for number, one in enumerate(value)]
        return [one for one in entries if one is not NOTHING]
    return _blob(value, path, found) if kind == "blob" else value


def _members(found, path, value, known, read):
    """The members of a structure that the model knows; the others are told."""
    members = {}
    for name in value:
        if name not in known:
            found.add(f"{path}.{name}", "is not in the model")
            continue
        content = read(name, f"{path}.{name}")
        if content is not NOTHING:
            members[name] = content
    return members


def read_query(shape, params, found):
    """The parameters of the query protocol."""
    left = dict(params)
    value = _from_query(shape, "", left, found) if shape is not None else {}
    for name in left:
        found.add(name, "is not in the model")
    return {} if value is NOTHING else value


def _from_query(shape, prefix, left, found):
    kind = shape.type_name
    if kind == "structure":
        members = {}
        for name, member in shape.members.items():
            word = member.serialization.get("name", name)
            content = _from_query(member, f"{prefix}.{word}" if prefix else word, left, found)
            if content is not NOTHING:
                members[name] = content
        return members if members or not prefix else NOTHING
    if kind == "list":
        if left.get(prefix) == "":
            del left[prefix]
            return []  # How an empty list is written.
        word = "" if shape.serialization.get("flattened") else ".member"
        entries = _numbered(f"{prefix}{word}", lambda at: _from_query(shape.member, at, left, found), left)
        return entries or NOTHING
    if kind == "map":
        pairs = _numbered(
            f"{prefix}.entry",
            lambda at: (
                _from_query(shape.key, f"{at}.key", left, found),
                _from_query(shape.value, f"{at}.value", left, found),
            ),
            left,
        )
        return dict(pairs) or NOTHING
    if prefix not in left:
        return NOTHING
    return scalar(kind, left.pop(prefix), prefix, found)


def _numbered(prefix, read, left):
    entries = []
    while any(
        name == f"{prefix}.{len(entries) + 1}" or name.startswith(f"{prefix}.{len(entries) + 1}.") for name in left
    ):
        entries.append(read(f"{prefix}.{len(entries) + 1}"))
    return entries


def read_xml(operation, body, found):
    """The answer of the query protocol."""
    root = _root(operation, body, f"{operation.name}Response", found)
    if root is None:
        return None
    parts = {_tag(part): part for part in root}
    if _is_ec2(operation):
        if parts.pop("requestId", None) is None:
            found.add("requestId", "is missing")
        without_id = [part for part in root if _tag(part) != "requestId"]
        return _from_xml(operation.output_shape, without_id, "", found, "item")
    if "RequestId" not in [_tag(part) for part in parts.pop("ResponseMetadata", [])]:
        found.add("ResponseMetadata", "has no RequestId")
    shape = operation.output_shape
    result = (
        parts.pop(shape.serialization.get("resultWrapper", f"{operation.name}Result"), None)
        if shape is not None
        else None
    )
    for name in parts:
        found.add(name, "is not in the model")
    if shape is None:
        return None
    if result is None:
        found.add(f"{operation.name}Result", "is missing")
        return None
    return _from_xml(shape, result, "", found)


def read_xml_error(operation, body, found):
    """An error of the query protocol, or of EC2's."""
    if _is_ec2(operation):
        try:
            texts = {_tag(part): part.text or "" for part in ElementTree.fromstring(body).iter()}
        except ElementTree.ParseError:
            found.add("", f"is not XML: {body[:60]!r}")
            return None
        for name in ("Response", "Errors", "Error", "Code", "Message", "RequestID"):
            if name not in texts:
                found.add(name, "is missing")
        return Error(texts.get("Code", ""), texts.get("Message", ""))
    root = _root(operation, body, "ErrorResponse", found)
    if root is None:
        return None
    texts = {_tag(part): part.text or "" for part in root.iter()}
    for name in ("Type", "Code", "Message", "RequestId"):
        if name not in texts:
            found.add(name, "is missing")
    return Error(texts.get("Code", ""), texts.get("Message", ""), texts.get("Type", ""))


def _root(operation, body, wanted, found):
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        found.add("", f"is not XML: {body[:60]!r}")
        return None
    # The namespace in EC2's model lacks the slash that it has on the wire.
    namespace = operation.service_model.metadata["xmlNamespace"] + ("/" if _is_ec2(operation) else "")
    if root.tag != f"{{{namespace}}}{wanted}":
        found.add("", f"is {root.tag} in place of {wanted} of {namespace}")
        return None
    return root


def _from_xml(shape, element, path, found, entry="member"):
    kind = shape.type_name
    if kind == "structure":
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        members = {}
        for part in element:
            word = _tag(part)
            if word not in names:
                found.add(f"{path}.{word}", "is not in the model")
            elif names[word] in members:
                found.add(f"{path}.{word}", "is there twice")
            else:
                content = _from_xml(shape.members[names[word]], part, f"{path}.{word}", found, entry)
                if content is not NOTHING:
                    members[names[word]] = content
        return members
    if kind == "list":
        for part in element:
            if _tag(part) != entry:
                found.add(f"{path}.{_tag(part)}", "is not a member of a list")
        entries = [
            _from_xml(shape.member, part, f"{path}[{number}]", found, entry) for number, part in enumerate(element)
        ]
        return [one for one in entries if one is not NOTHING]
    if kind == "map":
        return dict(_xml_pair(shape, part, path, found) for part in element)
    if len(element):
        found.add(path, f"has elements though it is a {kind}")
        return NOTHING
    return scalar(kind, element.text or "", path, found)


def _xml_pair(shape, part, path, found):
    parts = {_tag(one): one for one in part}
    if _tag(part) != "entry" or set(parts) != {"key", "value"}:
        found.add(path, f"has {_tag(part)} with {', '.join(parts)} in place of an entry with key and value")
        return "", NOTHING
    key = parts["key"].text or ""
    return key, _from_xml(shape.value, parts["value"], f"{path}.{key}", found)


def scalar(kind, text, path, found):
    """A value that is written as text."""
    try:
        if kind == "string":
            return text
        if kind == "blob":
            return _blob(text, path, found)
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "timestamp" and _XML_TIME.fullmatch(text):
            return isoparse(text).timestamp()
    except (ValueError, KeyError):
        pass
    found.add(path, f"is {text[:40]!r}, which is no {kind}")
    return NOTHING


def _blob(text, path, found):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        found.add(path, "is not base64")
        return NOTHING


def _tag(element):
    return element.tag.rsplit("}", 1)[-1]


def _is_ec2(operation):
    return operation.service_model.resolved_protocol == "ec2"
