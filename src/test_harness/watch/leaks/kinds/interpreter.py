"""Switches of the interpreter and of Python's library that hold for the whole process."""

from __future__ import annotations

import gc
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import Any

from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.test import Test, is_made_by_tests


def _decimal() -> Any:
    decimal: Any = sys.modules.get("decimal")
    if decimal is None:
        return None
    context = decimal.getcontext()
    return context.prec, context.rounding


def _set_decimal(value: Any) -> None:
    context = sys.modules["decimal"].getcontext()
    context.prec, context.rounding = value


def _set_argv(value: Any) -> None:
    sys.argv = value


def _switches() -> tuple[Any, ...]:
    """Return how each of SWITCHES is set, without a call for each of them."""
    return (
        sys.argv[:],
        sys.getrecursionlimit(),
        sys.excepthook,
        threading.excepthook,
        gc.isenabled(),
        socket.getdefaulttimeout(),
        tempfile.tempdir,
        _decimal(),
        sys.getswitchinterval(),
        sys.dont_write_bytecode,
        sys.meta_path[:],
        sys.path_hooks[:],
        os.environ,
    )


# What sets each of them, in the order of `_switches`.
SWITCHES: dict[str, Callable[[Any], Any]] = {
    "sys.argv": _set_argv,
    "sys.getrecursionlimit()": sys.setrecursionlimit,
    "sys.excepthook": lambda it: setattr(sys, "excepthook", it),
    "threading.excepthook": lambda it: setattr(threading, "excepthook", it),
    "gc.isenabled()": lambda it: gc.enable() if it else gc.disable(),
    "socket.getdefaulttimeout()": socket.setdefaulttimeout,
    "tempfile.tempdir": lambda it: setattr(tempfile, "tempdir", it),
    "decimal.getcontext()": _set_decimal,
    "sys.getswitchinterval()": sys.setswitchinterval,
    "sys.dont_write_bytecode": lambda it: setattr(sys, "dont_write_bytecode", it),
    "sys.meta_path": lambda it: sys.meta_path.__setitem__(slice(None), it),
    "sys.path_hooks": lambda it: sys.path_hooks.__setitem__(slice(None), it),
    "os.environ": lambda it: setattr(os, "environ", it),
}
# What libraries add to when they are imported.
OF_IMPORTS = {"sys.meta_path", "sys.path_hooks"}
WORDS = {
    "sys.getswitchinterval()": r"\bsetswitchinterval\(",
    "sys.getrecursionlimit()": r"\bsetrecursionlimit\(",
    "gc.isenabled()": r"\bgc\.(?:dis|en)able\(",
    "socket.getdefaulttimeout()": r"\bsetdefaulttimeout\(",
    "decimal.getcontext()": r"\bprec\b|\brounding\b|\bsetcontext\(",
}


class Watch(Kind):
    """Compares each of them."""

    what = "changes"
    fix = "Set it with monkeypatch, or in a fixture that sets it back."

    def before(self) -> tuple[Any, ...]:
        return _switches()

    def after(self, state: tuple[Any, ...]) -> Sequence[Change]:
        now = _switches()
        if now == state and now[-1] is state[-1]:
            return ()
        return [
            Change(name, before, after, words=WORDS.get(name, rf"\b{name.rpartition('.')[2]}\b"))
            for name, before, after in zip(SWITCHES, state, now, strict=True)
            if before != after or (name == "os.environ" and before is not after)
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        if change.name in OF_IMPORTS:
            added = [it for it in change.after if it not in change.before]
            return not test.has_imported or any(map(is_made_by_tests, added))
        # Python looks for the folder when it is first asked for it.
        return change.before is not None or change.name == "socket.getdefaulttimeout()"

    def restore(self, state: Any, change: Change) -> bool:
        SWITCHES[change.name](change.before)
        return True
