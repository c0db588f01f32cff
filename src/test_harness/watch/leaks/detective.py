"""Compares what there was before each test with what there is after it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from test_harness.errors import first_line
from test_harness.lock.callers import FAULT_SAID, said_with_place
from test_harness.watch.leaks import kinds as package
from test_harness.watch.leaks.kind import Change, Kind, is_same
from test_harness.watch.leaks.test import Test
from test_harness.watch.leaks.trail import trail

# What is put back by one changes what the next ones see; all others in the order of their names.
FIRST = ("frozen_clock", "environment")


@dataclass(frozen=True)
class Leak:
    """What a test leaves behind.

    Args:
        test: The test, as pytest calls it.
        kind: The module of `kinds` that found it.
        name: What is left, unique in its kind.
        what: The same in words, which begin with a verb.
        place: `file:line` of what did it, or of the test.
        fix: What to do about it.
        back: Whether it was put back, in words; empty where that is left alone.
    """

    test: str
    kind: str
    name: str
    what: str
    place: str
    fix: str
    back: str

    def __str__(self) -> str:
        return "; ".join(filter(None, (f"{self.test} {self.what} ({self.place})", self.back)))


class Detective:
    """Knows the state of each kind, as the last test left it."""

    def __init__(self) -> None:
        names = sorted(it.name for it in pkgutil.iter_modules(package.__path__))
        names.sort(key=lambda name: name not in FIRST)
        self._kinds: dict[str, Kind] = {name: _load(name) for name in names}
        self._fresh = [name for name, kind in self._kinds.items() if kind.is_fresh]
        self._knows_all = False
        self._states: dict[str, Any] = {}
        self._earlier: dict[str, dict[str, Change]] = {}
        self.faults: list[str] = []
        """What went wrong with the detective itself."""
        self.test: Test | None = None
        """The test that runs."""

    def begin(self, test: Test) -> None:
        """Remember how things are before a test."""
        self.test = test
        self._earlier.clear()
        names = self._fresh if self._knows_all else [*self._kinds]
        for name in names:
            if name in self._kinds:
                self._look(name)
        self._knows_all = True
        trail.follow()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Take what changes in the block for the doing of several tests, and meant to last."""
        was_on = trail.pause()
        known = [name for name in self._kinds if name in self._states]
        for name in known:
            for change in self._changes(name):
                self._keep(name, change)
        try:
            yield
        finally:
            for name in known:
                if name in self._kinds and (not self._kinds[name].is_slow or self._changes(name)):
                    self._look(name)
            trail.resume(was_on)

    def end(self) -> list[Leak]:
        """Return what the test leaves behind, and put back what can be."""
        trail.pause()
        test, self.test = self.test, None
        if test is None:
            return []
        leaks: list[Leak] = []
        for name, kind in [*self._kinds.items()]:
            try:
                found = kind.after(self._states[name])
            except Exception as error:  # noqa: BLE001 - it is told as a fault of the harness
                self._give_up(name, error)
                continue
            if found or name in self._earlier:
                leaks += self._judge(name, test, found)
                self._look(name)
        return leaks

    def _look(self, name: str) -> None:
        try:
            self._states[name] = self._kinds[name].before()
        except Exception as error:  # noqa: BLE001 - it is told as a fault of the harness
            self._give_up(name, error)

    def _changes(self, name: str) -> Sequence[Change]:
        try:
            return self._kinds[name].after(self._states[name]) if name in self._kinds else ()
        except Exception as error:  # noqa: BLE001 - it is told as a fault of the harness
            self._give_up(name, error)
            return ()

    def _give_up(self, name: str, error: Exception) -> None:
        """Do without a kind from now on: no test is to fail by it."""
        self._kinds.pop(name, None)
        self.faults.append(f"{FAULT_SAID}{name} is not looked at: {said_with_place(error)}")

    def _judge(self, name: str, test: Test, found: Sequence[Change]) -> list[Leak]:
        kind, leaks = self._kinds[name], []
        try:
            for change in self._with_earlier(name, found):
                if kind.is_leak(change, test):
                    place = change.place or (test.says(change.words) if change.words else "")
                    what, place = f"{kind.what} {change}", place or test.place()
                    back = self._restore(kind, name, change)
                    leaks.append(Leak(test.name, name, change.name, what, place, kind.fix, back))
        except Exception as error:  # noqa: BLE001 - it is told as a fault of the harness
            self._give_up(name, error)
        return leaks

    def _restore(self, kind: Kind, name: str, change: Change) -> str:
        try:
            return "it is put back" if kind.restore(self._states[name], change) else ""
        except Exception as error:  # noqa: BLE001 - it is told
            return f"it could not be put back: {type(error).__name__}: {first_line(error)}"

    def _keep(self, name: str, change: Change) -> None:
        """Remember what a test had changed before something was set up for several tests."""
        earlier = self._earlier.setdefault(name, {})
        if change.name in earlier:
            first = earlier[change.name]
            change.before = without(change.before, first.before, first.after)
        earlier[change.name] = change

    def _with_earlier(self, name: str, found: Sequence[Change]) -> list[Change]:
        earlier = self._earlier.get(name, {})
        changes = {**earlier, **{it.name: it for it in found}}
        for key, change in changes.items():
            if key in earlier and change is not earlier[key]:
                first = earlier[key]
                change.before = without(change.before, first.before, first.after)
        return [it for it in changes.values() if not is_same(it.before, it.after)]


def without(now: Any, before: Any, after: Any) -> Any:
    """Return what there would be if something had not changed before something else did.

    Args:
        now: What there is.
        before: What there was first.
        after: What came of that.
    """
    if isinstance(now, dict):
        kept = {key: it for key, it in now.items() if key in before or key not in after}
        changed = {key for key in before if before[key] is not after.get(key, before)}
        return {**kept, **{key: before[key] for key in changed}}
    if isinstance(now, (list, set)):
        stays = [it for it in now if it in before or it not in after]
        return type(now)([*stays, *(it for it in before if it not in after)])
    return before


def _load(name: str) -> Kind:
    module = importlib.import_module(f"{package.__name__}.{name}")
    watch: Kind = module.Watch()
    return watch
