"""The windows of a process, without a driver: `titles PID` prints what they bear, `close PID` asks them to close.

Asked to close as by their close button, the program may still save what it has. `minimise PID` takes them
off the screen as a window manager does, and `seen PID` prints whether one is on it.
"""

import json
import sys

from Xlib import X, display
from Xlib.protocol import event


def main(command, process):
    screen = display.Display()
    found = [one for one in below(screen.screen().root) if value(screen, one, "_NET_WM_PID") == [process]]
    if command == "titles":
        titles = (value(screen, one, "_NET_WM_NAME") for one in found)
        json.dump([bytes(title).decode() for title in titles if title], sys.stdout)
        return 0
    if command == "seen":
        json.dump(any(on_screen(one) for one in titled(screen, found)), sys.stdout)
        return 0
    if command == "minimise":
        # There is no window manager here; to the program it is the same.
        for one in filter(on_screen, titled(screen, found)):
            one.unmap()
        screen.sync()
        return 0
    asked = [one for one in found if close(screen, one)]
    screen.sync()
    return 0 if asked else f"process {process} has no window that could be closed"


def below(window):
    for child in window.query_tree().children:
        yield child
        yield from below(child)


def titled(screen, windows):
    return [one for one in windows if value(screen, one, "_NET_WM_NAME")]


def on_screen(window):
    return window.get_attributes().map_state == X.IsViewable


def value(screen, window, name):
    known = window.get_full_property(screen.intern_atom(name), X.AnyPropertyType)
    return list(known.value) if known else None


def close(screen, window):
    delete = screen.intern_atom("WM_DELETE_WINDOW")
    if delete not in (value(screen, window, "WM_PROTOCOLS") or []):
        return False
    protocols = screen.intern_atom("WM_PROTOCOLS")
    data = (32, [delete, X.CurrentTime, 0, 0, 0])
    window.send_event(event.ClientMessage(window=window, client_type=protocols, data=data))
    return True


sys.exit(main(sys.argv[1], int(sys.argv[2])))
