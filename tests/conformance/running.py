"""Runs checks, each in a process of its own, so that none can hold up or disturb another."""

import multiprocessing
import os
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import wait

import model
from checks import Check
from place import Place

# A forked process has boto3 and the service models already.
_processes = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")


@dataclass
class Outcome:
    """What became of a check: no problem, or what was seen in place of AWS's behaviour."""

    check: Check
    problem: str | None
    seconds: float
    record: model.Record = field(default_factory=model.Record)
    steps: list = field(default_factory=list)


def run_all(checks, server, workers):
    """Yields the outcomes in the order of the checks. Those that move the clock run alone, after the others."""
    done = {}
    together = [check for check in checks if not check.moves_clock]
    alone = [check for check in checks if check.moves_clock]
    rest = iter(checks)
    following = next(rest, None)
    for crew, size in ((together, workers), (alone, 1)):
        for outcome in _crew(crew, server, size):
            done[outcome.check.row] = outcome
            while following is not None and following.row in done:
                yield done[following.row]
                following = next(rest, None)


def _crew(checks, server, size):
    waiting = list(reversed(checks))
    running = {}
    while waiting or running:
        while waiting and len(running) < size:
            started = _Running(waiting.pop(), server)
            running[started.ear] = started
        soonest = min(one.deadline for one in running.values())
        heard = wait(list(running), timeout=max(0, soonest - time.monotonic()))
        late = [ear for ear, one in running.items() if one.deadline <= time.monotonic()]
        for ear in {*heard, *late}:
            yield running.pop(ear).end(answered=ear in heard)


class _Running:
    """A check at work in its process."""

    def __init__(self, check, server):
        self.check = check
        self.began = time.monotonic()
        self.deadline = self.began + check.limit_s
        self.ear, mouth = _processes.Pipe(duplex=False)
        self.process = _processes.Process(target=_work, args=(check, server, mouth), daemon=True)
        self.process.start()
        mouth.close()

    def end(self, answered):
        problem, record, steps = f"no result within {self.check.limit_s} s", model.Record(), []
        if answered:
            try:
                problem, record, steps = self.ear.recv()
            except EOFError:
                problem = "the check's process ended"
        self.process.kill()
        self.process.join()
        self.ear.close()
        return Outcome(self.check, problem, time.monotonic() - self.began, record, steps)


def _work(check, server, mouth):
    place = Place(server, alone=check.moves_clock)
    try:
        check.run(place)
        problem = None
    except Exception as error:
        problem = _told(error)
    mouth.send((problem, place.record, place.steps))
    mouth.close()


def _told(error):
    """What was seen, and on which line of the checks, in one line."""
    ours = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(ours)]
    where = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames[1:]))
    said = " ".join(str(error).split()) or (frames[-1].line if frames else "")
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return f"{kind}{said[:400]} ({where})"
