"""Handlers of signals, and an alarm that was set."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kind import Change, Kind, said
from test_harness.watch.leaks.test import Test

NAMES = ("INT", "TERM", "HUP", "ALRM", "CHLD", "USR1", "USR2", "PIPE", "QUIT")
SIGNALS = [getattr(signal, f"SIG{it}") for it in NAMES if hasattr(signal, f"SIG{it}")]
NUMBERS = [*map(int, SIGNALS)]
# Without the enumeration around it, which takes longer than what it does.
_handler_of = vars(signal)["_signal"].getsignal


class Watch(Kind):
    """Compares the handlers of those that applications handle."""

    what = "changes the handler of"
    fix = "Set it in a fixture that sets back what signal.signal returned."

    def before(self) -> list[Any]:
        return [*map(_handler_of, NUMBERS), _alarm()]

    def after(self, state: list[Any]) -> Sequence[Change]:
        now = self.before()
        if now == state:
            return ()
        names = [it.name for it in SIGNALS]
        words = r"\bsignal\.signal\(|add_signal_handler\("
        found = [
            Change(name, old, new, "", words, number, f"{_said(old)} -> {_said(new)}")
            for name, number, old, new in zip(names, SIGNALS, state, now, strict=False)
            if old != new
        ]
        if state[-1] != now[-1]:
            words = r"\bsetitimer\(|\bsignal\.alarm\("
            found.append(Change("alarm", state[-1], now[-1], "", words))
        return found

    def is_leak(self, change: Change, test: Test) -> bool:
        # pytest-timeout sets one for each test, and leaves it there or takes it away.
        if _is_of_pytest(change.after):
            return False
        is_gone = _is_of_pytest(change.before) and not callable(change.after)
        return not is_gone or bool(test.says(change.words))

    def restore(self, state: Any, change: Change) -> bool:
        if change.name == "alarm":
            signal.setitimer(signal.ITIMER_REAL, 0)
        elif change.before is not None:
            signal.signal(change.about, change.before)
        return change.before is not None


def _alarm() -> str:
    may_be_set = own_modules.say(b"alarm") or own_modules.say(b"itimer")
    is_set = may_be_set and _remaining() > 0
    return "set" if is_set else "none"


def _remaining() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0] if hasattr(signal, "getitimer") else 0


def _is_of_pytest(handler: Any) -> bool:
    module = getattr(handler, "__module__", None) or ""
    return module.startswith(("pytest", "_pytest"))


def _said(handler: Any) -> str:
    # They are integers as they are kept.
    known = {int(it): it.name for it in signal.Handlers}
    return known.get(handler, "") if isinstance(handler, int) else said(handler)
