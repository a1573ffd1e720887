"""Answers a file dialog as a person would, by the keyboard: `x_dialog.py PID TITLE PATH`.

The dialogs are the desktop's own, outside the page, so no web driver reaches them.
"""

import sys
import time

from Xlib import XK, X, display
from Xlib.ext import xtest

PATIENCE = 20


def main(process, title, path):
    screen = display.Display()
    dialog = wait_for(screen, process, title)
    dialog.configure(stack_mode=X.Above)
    # Without a window manager nobody else gives a new window the keyboard.
    dialog.set_input_focus(X.RevertToParent, X.CurrentTime)
    screen.sync()
    time.sleep(0.3)
    # Control and L opens the line for a path, whatever folder is shown.
    press(screen, "l", ("Control_L",))
    time.sleep(0.3)
    press(screen, "a", ("Control_L",))
    for character in path:
        write(screen, character)
    time.sleep(0.3)
    press(screen, "Return")
    deadline = time.monotonic() + PATIENCE
    again = time.monotonic() + 2
    while find(screen, process, title):
        if time.monotonic() > deadline:
            return f"the dialog {title!r} stayed open"
        if time.monotonic() > again:
            # The dialog was still completing the path when it was confirmed.
            press(screen, "Return")
            again = time.monotonic() + 2
        time.sleep(0.05)
    return 0


def wait_for(screen, process, title):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = find(screen, process, title)
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"no dialog {title!r} of process {process}")


def find(screen, process, title):
    for one in below(screen.screen().root):
        try:
            if (
                value(screen, one, "_NET_WM_PID") == [process]
                and title in bytes(value(screen, one, "_NET_WM_NAME") or []).decode()
                and one.get_attributes().map_state == X.IsViewable
            ):
                return one
        except Exception:  # noqa: BLE001 - the window went away while it was looked at
            continue
    return None


def below(window):
    for child in window.query_tree().children:
        yield child
        yield from below(child)


def value(screen, window, name):
    known = window.get_full_property(screen.intern_atom(name), X.AnyPropertyType)
    return list(known.value) if known else None


SYMBOLS = {"/": "slash", "-": "minus", ".": "period", "_": "underscore", " ": "space"}


def write(screen, character):
    name = SYMBOLS.get(character, character)
    shifted = character.isupper() or character == "_"
    press(screen, name, ("Shift_L",) if shifted else ())


def press(screen, name, held=()):
    codes = [screen.keysym_to_keycode(XK.string_to_keysym(one)) for one in (*held, name)]
    for code in codes:
        xtest.fake_input(screen, X.KeyPress, code)
    for code in reversed(codes):
        xtest.fake_input(screen, X.KeyRelease, code)
    screen.sync()


sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
