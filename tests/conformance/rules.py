"""What the service models allow of a value: required members, enumerations, bounds, patterns."""

import functools
import re
import sys
import unicodedata

# Properties of Unicode, which Java's patterns know and Python's do not.
_PROPERTY = re.compile(r"\\p\{(?:Is)?([A-Z][a-z]?)\}")


# CloudHSM's model forgets how many digits follow.
_MISPRINTED = {"vpc-[0-9a-fA-F]"}


class Findings(list):
    """What is wrong, each with its path."""

    def add(self, path, sentence):
        self.append((path, sentence))


def check(shape, value, path, found):
    """Checks a value, as `wire` read it, and everything in it."""
    kind = shape.type_name
    if kind == "structure":
        _check_structure(shape, value, path, found)
    elif kind == "list":
        _check_bounds(shape, len(value), path, found, "entries")
        for number, entry in enumerate(value):
            check(shape.member, entry, f"{path}[{number}]", found)
    elif kind == "map":
        _check_bounds(shape, len(value), path, found, "entries")
        for key, entry in value.items():
            check(shape.key, key, f"{path}.{key} (key)", found)
            check(shape.value, entry, f"{path}.{key}", found)
    elif kind == "string":
        _check_string(shape, value, path, found)
    elif kind == "blob":
        _check_bounds(shape, len(value), path, found, "bytes")
    elif kind in ("integer", "long", "float", "double"):
        _check_bounds(shape, value, path, found, "")


def _check_structure(shape, value, path, found):
    for name in shape.required_members:
        if name not in value:
            found.add(f"{path}.{name}", "is required and missing")
    for name, content in value.items():
        check(shape.members[name], content, f"{path}.{name}", found)
    if shape.metadata.get("union") and len(value) != 1:
        found.add(path, f"is a union and has {len(value)} members")


def _check_string(shape, value, path, found):
    if shape.enum and value not in shape.enum:
        found.add(path, f"is {value!r}, none of {', '.join(shape.enum)}")
    _check_bounds(shape, len(value), path, found, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and pattern not in _MISPRINTED and not _compiled(pattern).fullmatch(value):
        found.add(path, f"is {value[:80]!r}, which {pattern} does not match")


def _check_bounds(shape, size, path, found, unit):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        found.add(path, f"is {size} {unit}".rstrip() + f", outside {least} to {most}")


@functools.cache
def _compiled(pattern):
    return re.compile(_PROPERTY.sub(lambda match: _letters(match[1]), pattern), re.DOTALL)


@functools.cache
def _letters(category):
    """The characters of a Unicode category, as they are written inside of [brackets]."""
    ranges, start, last = [], None, None
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(category):
            if start is None:
                start = point
            last = point
        elif start is not None:
            ranges.append(f"\\U{start:08x}-\\U{last:08x}")
            start = None
    return "".join(ranges)
