"""Sockets that stay open."""

from __future__ import annotations

import gc
import socket
from collections.abc import Sequence

from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.trail import SOCKET, trail


class Watch(Kind):
    """Looks at those that lines of the project opened; connections of libraries are kept."""

    what = "leaves a socket open:"
    fix = "Open it in a `with` block, or close it in the fixture that opens it."

    def before(self) -> None:
        return None

    def after(self, state: None) -> Sequence[Change]:
        opened = trail.of(SOCKET)
        if not any(map(_is_open, (it() for it, _ in opened))):
            return ()
        gc.collect()
        return [
            Change(_name(it), UNSET, "open", line, shown="is not closed")
            for known, line in opened
            if _is_open(it := known())
        ]


def _is_open(opened: socket.socket | None) -> bool:
    return opened is not None and opened.fileno() != -1


def _name(opened: socket.socket) -> str:
    try:
        return f"socket at {opened.getsockname()}"
    except OSError:
        return "socket"
