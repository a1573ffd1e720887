"""From the start of the program to the painted list, without a driver: `window_start.py APP X Y WIDTH HEIGHT`.

Starts the program, looks at this part of its window as often as it can, and takes the moment from which nine of ten
painted points were as they stayed. Prints seconds, and the memory (PSS) of the program and all that it started.
"""

import collections
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from Xlib import X, display, error

PATIENCE_S = 60
STILL_S = 2.0
ALIKE = 0.9


def main(program, *area):
    screen = display.Display()
    began = time.monotonic()
    app = subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        frames = watch(screen, app.pid, [int(side) for side in area], began)
        told = {"seconds": painted(frames), "processes": memory(app.pid)}
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(timeout=20)
    json.dump({**told, "pss_mib": round(sum(told["processes"].values()), 1)}, sys.stdout)


def watch(screen, process, area, began):
    """Pictures of the area with their times, each one that differs from the one before, until nothing changes."""
    frames, window = [], None
    while True:
        now = time.monotonic()
        window = window or window_of(screen, process, area)
        picture = look(window, area) if window else None
        if picture and (not frames or frames[-1][1] != picture):
            frames.append((now - began, picture))
        if frames and is_painted(frames[-1][1]) and now - began - frames[-1][0] > STILL_S:
            return frames
        if now - began > PATIENCE_S:
            raise TimeoutError(f"nothing was painted within {PATIENCE_S} s")
        time.sleep(0.01)


def window_of(screen, process, area):
    """The largest window of the process that holds the area."""
    wanted = screen.intern_atom("_NET_WM_PID")
    found = []
    for window in below(screen.screen().root):
        try:
            known = window.get_full_property(wanted, X.AnyPropertyType)
            if not known or list(known.value) != [process]:
                continue
            shape = window.get_geometry()
        except error.XError:
            continue
        if shape.width >= area[0] + area[2] and shape.height >= area[1] + area[3]:
            found.append((shape.width * shape.height, window))
    return max(found, key=lambda one: one[0])[1] if found else None


def below(window):
    try:
        children = window.query_tree().children
    except error.XError:
        return
    for child in children:
        yield child
        yield from below(child)


def look(window, area):
    try:
        return window.get_image(*area, X.ZPixmap, 0xFFFFFFFF).data
    except error.XError:
        return None  # Not on the screen yet.


def is_painted(picture):
    """Text, and not one colour alone."""
    points = picture_points(picture)
    ground = collections.Counter(points).most_common(1)[0][1]
    return len(points) - ground > len(points) / 200


def painted(frames):
    last = picture_points(frames[-1][1])
    ground = collections.Counter(last).most_common(1)[0][0]
    ink = [at for at, point in enumerate(last) if point != ground]
    for seconds, picture in frames:
        points = picture_points(picture)
        if sum(points[at] == last[at] for at in ink) >= ALIKE * len(ink):
            return seconds
    return frames[-1][0]


def picture_points(picture):
    """Every third of the points, as numbers."""
    return memoryview(picture).cast("I")[::3].tolist()


def memory(root):
    """The proportional memory of a process and everything below it, in MiB, by name."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    used = collections.Counter()
    for process in family:
        name = Path(os.readlink(f"/proc/{process}/exe")).name
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        used[name] += round(kib / 1024, 1)
    return used


main(*sys.argv[1:])
