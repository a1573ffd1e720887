"""The list of all checks: which row of AWS's behaviour each one tries, and in which group it is counted."""

from collections.abc import Callable
from dataclasses import dataclass

# Nothing that a check does takes longer, also on a busy machine, unless the server hangs or leads in a circle.
LIMIT_S = 45

_all = []


@dataclass(frozen=True)
class Check:
    """One row. `moves_clock` says that no other check may run meanwhile."""

    row: str
    title: str
    group: str
    run: Callable
    moves_clock: bool
    limit_s: int

    def __str__(self):
        return f"{self.row:4} {self.title}"


def group(name):
    """The decorator that adds the checks of one group."""

    def check(row, title, moves_clock=False, limit_s=LIMIT_S):
        def add(function):
            _all.append(Check(row, title, name, function, moves_clock, limit_s))
            return function

        return add

    return check


def all_checks():
    """In the order in which they were added; no row twice."""
    rows = [check.row for check in _all]
    doubled = {row for row in rows if rows.count(row) > 1}
    assert not doubled, f"rows with two checks: {doubled}"
    return list(_all)
