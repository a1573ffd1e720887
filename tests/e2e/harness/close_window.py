"""Asks the windows of a process to close, as their close button would: the program may still save what it has."""

import sys

from Xlib import X, display
from Xlib.protocol import event


def main(process):
    screen = display.Display()
    protocols = screen.intern_atom("WM_PROTOCOLS")
    delete = screen.intern_atom("WM_DELETE_WINDOW")
    owner = screen.intern_atom("_NET_WM_PID")
    asked = 0
    for window in screen.screen().root.query_tree().children:
        known = window.get_full_property(owner, X.AnyPropertyType)
        taken = window.get_full_property(protocols, X.AnyPropertyType)
        if known and known.value[0] == process and taken and delete in taken.value:
            data = (32, [delete, X.CurrentTime, 0, 0, 0])
            window.send_event(event.ClientMessage(window=window, client_type=protocols, data=data))
            asked += 1
    screen.sync()
    return 0 if asked else f"process {process} has no window"


sys.exit(main(int(sys.argv[1])))
