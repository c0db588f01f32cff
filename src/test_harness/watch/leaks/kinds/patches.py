"""Functions of libraries that tests replaced: `time.sleep`, `requests.get`."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

from test_harness.watch.leaks.files import OwnModules, is_of_the_project
from test_harness.watch.leaks.kind import UNSET, Change, Kind, is_same
from test_harness.watch.leaks.test import Test, is_made_by_tests


class Watch(Kind):
    """Compares the modules that the project imports by name, and Python's builtins."""

    what = "replaces"
    fix = "Replace it with monkeypatch.setattr, or `with mock.patch(...)`."

    def __init__(self) -> None:
        self._own = OwnModules()
        self._modules = 0
        self._libraries: list[ModuleType] = []
        self._live: list[dict[str, Any]] = []

    def before(self) -> tuple[list[list[Any]], list[dict[str, Any]]]:
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._libraries = [*_imported(self._own.all().values())]
            self._live = [vars(it) for it in self._libraries]
        return [[*it.values()] for it in self._live], [it.copy() for it in self._live]

    def after(self, state: tuple[list[list[Any]], list[dict[str, Any]]]) -> Sequence[Change]:
        values, known = state
        # Lists are compared in half of the time that dictionaries take.
        if is_same([[*it.values()] for it in self._live], values):
            return ()
        return [
            Change(f"{module.__name__}.{name}", before, after, "", rf"\b{name}\b", module)
            for module, old in zip(self._libraries, known, strict=True)
            for name, before in old.items()
            if (after := vars(module).get(name, UNSET)) is not before
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        return is_made_by_tests(change.after)

    def restore(self, state: Any, change: Change) -> bool:
        setattr(change.about, change.name.rpartition(".")[2], change.before)
        return True


def _imported(own: Iterable[ModuleType]) -> Iterator[ModuleType]:
    yield builtins
    seen = {id(builtins)}
    for module in own:
        for name, value in [*vars(module).items()]:
            is_new = type(value) is ModuleType and id(value) not in seen
            # What pytest writes into modules of tests begins with a sign that is of no name.
            is_new = is_new and not str(name).startswith("@")
            if is_new and not is_of_the_project(getattr(value, "__file__", None) or ""):
                seen.add(id(value))
                yield value
