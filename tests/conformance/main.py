"""Asks a server for the behaviour of AWS that is documented: a line per check, and counts.

main.py                     the sandbox, which is started for it
main.py --endpoint URL      any server
main.py --compare           the sandbox, MiniStack and moto, and a table of all three
main.py walk                the story of an organisation's bucket under its own key
main.py … WORD              only the checks whose row or title contains one of the words
"""

import argparse
import contextlib
import re
import sys
import time
from collections import Counter
from pathlib import Path

# Servers are started as the other peers start them. What has the same name here comes first.
sys.path.append(str(Path(__file__).resolve().parent.parent / "peers"))

import keys  # noqa: F401, isort: skip  The order of the modules is the order of the lines.
import imports  # noqa: F401
import refused_imports  # noqa: F401
import rotation  # noqa: F401
import multi_region  # noqa: F401
import policies  # noqa: F401
import conditions  # noqa: F401
import grants  # noqa: F401
import aliases_tags  # noqa: F401
import custom_key_stores  # noqa: F401
import crypto_operations  # noqa: F401
import iam_roles  # noqa: F401
import iam_people  # noqa: F401
import iam_simulation  # noqa: F401
import iam_account  # noqa: F401
import iam_periphery  # noqa: F401
import tokens  # noqa: F401
import sign_in  # noqa: F401
import buckets  # noqa: F401
import objects  # noqa: F401
import replication  # noqa: F401
import organizations  # noqa: F401
import trail_and_logs  # noqa: F401
import neighbours  # noqa: F401
import walk_through  # noqa: F401
import asked_for  # noqa: F401
import company  # noqa: F401
import model_finds  # noqa: F401
from checks import all_checks
from compared import table
from model import Record
from place import Server, models, read_models
from running import run_all
from started import PEERS, sandbox

WORKERS = 4


def main(words):
    asked = options(words)
    checks = [check for check in all_checks() if wanted(check, asked.words)]
    read_models()
    if asked.endpoint:
        server = Server("server", asked.endpoint.rstrip("/"), asked.access_key_id, asked.secret_access_key)
        return verdict(report(checks, server, asked.workers))
    with sandbox() as server:
        outcomes = report(checks, server, asked.workers)
    if asked.compare:
        seen = {"sandbox": outcomes}
        for name, start in PEERS.items():
            with contextlib.ExitStack() as running:
                try:
                    server = running.enter_context(start())
                except OSError as error:
                    seen[name] = str(error)
                    continue
                print(f"\n{name}", flush=True)
                seen[name] = report(checks, server, asked.workers)
        print(table(checks, seen), flush=True)
    return verdict(outcomes)


def options(words):
    parser = argparse.ArgumentParser(prog="npm run sandbox:conformance --")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--endpoint", metavar="URL", help="ask this server in place of the sandbox")
    where.add_argument("--compare", action="store_true", help="ask MiniStack and moto as well, and print a table")
    parser.add_argument(
        "--access-key-id", metavar="ID", help="one account for all checks, in place of one for each"
    )
    parser.add_argument("--secret-access-key", metavar="SECRET", default="test")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help="how many checks run at once")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only checks whose row or title contains this")
    return parser.parse_args(words)


def wanted(check, words):
    return not words or any(word == check.row or word.lower() in check.title.lower() for word in words)


def report(checks, server, workers):
    """Runs and prints; the outcomes."""
    outcomes, record, began = [], Record(), time.monotonic()
    for outcome in run_all(checks, server, workers):
        outcomes.append(outcome)
        record.add(outcome.record)
        verdict = "FAIL" if outcome.problem else "ok  "
        said = f": {outcome.problem}" if outcome.problem else ""
        print(f"{verdict} {outcome.check}{said} ({outcome.seconds:.1f} s)", flush=True)
        for number, step in enumerate(outcome.steps, 1):
            print(f"     {number:2}. {step}", flush=True)
    print()
    for group in dict.fromkeys(outcome.check.group for outcome in outcomes):
        of = [outcome for outcome in outcomes if outcome.check.group == group]
        print(f"{group:26} {passed(of):3} of {len(of):3}")
    print_violations(record)
    print(f"{time.monotonic() - began:.1f} s with {workers} checks at once")
    return outcomes


def print_violations(record):
    # Which entry of a list it was says little.
    counted = Counter(
        (name, re.sub(r"\[\d+\]", "[]", path), sentence) for name, path, sentence in record.violations
    )
    for (operation, path, sentence), times in sorted(counted.items()):
        print(f"violation {operation} {path}: {sentence}" + (f" ({times} times)" if times > 1 else ""))
    print(
        f"{len(record.violations)} violations of the service models in {record.requests} requests and"
        f" {record.responses} responses ({record.errors} of them errors) of {len(record.operations)} operations:"
        f" {', '.join(counted_operations(record))}"
    )


def counted_operations(record):
    """`54 of kms's 54`, for each service."""
    by_service = {}
    for name in sorted(record.operations):
        by_service.setdefault(name.split(":")[0], []).append(name)
    for service, names in by_service.items():
        yield f"{len(names)} of {service}'s {len(models.load_service_model(service, 'service-2')['operations'])}"


def verdict(outcomes):
    violations = sum(len(outcome.record.violations) for outcome in outcomes)
    good = passed(outcomes)
    # The service models are one more check.
    print(f"\n{good + (violations == 0)} passed, {len(outcomes) - good + (violations > 0)} failed", flush=True)
    return 0 if outcomes and good == len(outcomes) and not violations else 1


def passed(outcomes):
    return sum(outcome.problem is None for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
