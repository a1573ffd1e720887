"""What the checks ask of answers: refusals with their exact code, lists page by page, states that are reached."""

import time

from botocore.exceptions import ClientError

import errors
import model

# Where the status of a refusal is not 400.
STATUS = {
    **{code: statuses[0] for code, statuses in errors.S3.items()},
    "304": 304,
    "403": 403,
    "404": 404,
    "AccessDenied": 403,
    "DeleteConflict": 409,
    "EntityAlreadyExists": 409,
    "InvalidAuthenticationCode": 403,
    "InvalidClientTokenId": 403,
    "LimitExceeded": 409,
    "NoSuchEntity": 404,
    "SignatureDoesNotMatch": 403,
    "UnauthorizedOperation": 403,
}
PAGES_MAX = 60


def refused(codes, ask, wrong=False, **arguments):
    """The call is refused with this code (or one of these, where AWS's documentation leaves it open), and with
    its HTTP status. `wrong` says that the request breaks the service's model on purpose."""
    codes = (codes,) if isinstance(codes, str) else codes
    said = f"{ask.__name__}({_brief(arguments)})"
    try:
        if wrong:
            with model.wrong_on_purpose():
                ask(**arguments)
        else:
            ask(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        message = error.response["Error"].get("Message", "")
        assert code in codes, f"{said}: {' or '.join(codes)} expected, {code} came: {message}"
        # The models of the other services say it of each of their errors, and are asked.
        wanted = status if _protocol(ask) == "rest-json" else STATUS.get(code, 400)
        assert status == wanted, f"{said}: {code} came with status {status} in place of {wanted}"
        return message
    raise AssertionError(f"{said}: {' or '.join(codes)} expected, it was granted")


def denied(ask, **arguments):
    """The caller may not do this."""
    json = _protocol(ask) in ("json", "rest-json")
    return refused("AccessDeniedException" if json else "AccessDenied", ask, **arguments)


def same(seen, wanted, what=""):
    assert seen == wanted, f"{what}: {wanted!r} expected, {seen!r} came"


def has(seen, **wanted):
    """The members have these values; `None` stands for a member that is not there."""
    wrong = {name: seen.get(name) for name, value in wanted.items() if seen.get(name) != value}
    assert not wrong, f"{ {name: wanted[name] for name in wrong} } expected, {wrong} came"


def pages(ask, member, marker="NextMarker", truncated="Truncated", limit="Limit", size=None, **arguments):
    """All entries of a list, read page by page; a list that leads nowhere is a failure, as is too long a page."""
    found, asked = [], dict(arguments)
    if size is not None:
        asked[limit] = size
    for _ in range(PAGES_MAX):
        page = ask(**asked)
        assert size is None or len(page[member]) <= size, f"{len(page[member])} entries where {size} were asked"
        found += page[member]
        if not page[truncated]:
            assert marker not in page, f"{marker} though nothing follows"
            return found
        assert page.get(marker), f"{truncated} without {marker}"
        asked["Marker"] = page[marker]
    raise AssertionError(f"the list does not end after {PAGES_MAX} pages")


def without_doubles(entries, key):
    keys = [entry[key] for entry in entries]
    assert len(keys) == len(set(keys)), f"{len(keys) - len(set(keys))} entries came twice"
    return set(keys)


def until(holds, what, seconds=6):
    """AWS is eventually consistent: waits until something holds, and fails if it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        if holds():
            return
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def near(seen, wanted, seconds=120):
    assert abs((seen - wanted).total_seconds()) <= seconds, f"{wanted} expected, {seen} came"


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def _protocol(ask):
    client = getattr(ask, "__self__", None)
    return client and client.meta.service_model.resolved_protocol


def _brief(arguments):
    words = []
    for name, value in arguments.items():
        if name == "kms":
            continue
        text = f"{len(value)} bytes" if isinstance(value, bytes) else f"{value}"
        words.append(f"{name}={text if len(text) <= 80 else text[:77] + '…'}")
    return ", ".join(words)
