"""Functions of libraries that tests replaced: `time.sleep`, `requests.get`."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from types import ModuleType
from typing import Any

from test_harness.watch.leaks.files import is_of_the_project, own_modules
from test_harness.watch.leaks.kind import UNSET, Change, Kind, is_same
from test_harness.watch.leaks.test import Test, is_made_by_tests


class Watch(Kind):
    """Compares the modules that the project imports by name, and Python's builtins.

    Of those what the project's code calls by its name: what it replaces is among that.
    """

    what = "replaces"
    fix = "Replace it with monkeypatch.setattr, or `with mock.patch(...)`."

    def __init__(self) -> None:
        self._modules = 0
        self._libraries: list[tuple[ModuleType, list[str]]] = []
        self._getters: list[tuple[Callable[[Any], Any], dict[str, Any]]] = []

    def before(self) -> list[Any]:
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._libraries = [*_named(_imported(own_modules.all().values()))]
            self._getters = [(itemgetter(*names), vars(it)) for it, names in self._libraries]
        return [get(names) for get, names in self._getters]

    def after(self, state: list[Any]) -> Sequence[Change]:
        try:
            if is_same([get(names) for get, names in self._getters], state):
                return ()
        except KeyError:
            pass  # A name is gone.
        return [
            Change(f"{module.__name__}.{name}", before, after, "", rf"\b{name}\b", module)
            for (module, names), known in zip(self._libraries, state, strict=True)
            for name, before in zip(names, known, strict=True)
            if (after := vars(module).get(name, UNSET)) is not before
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        return is_made_by_tests(change.after)

    def restore(self, state: Any, change: Change) -> bool:
        setattr(change.about, change.name.rpartition(".")[2], change.before)
        return True


def _named(libraries: Iterable[ModuleType]) -> Iterator[tuple[ModuleType, list[str]]]:
    words = own_modules.words()
    for library in libraries:
        names = [name for name in vars(library) if name in words]
        if names:
            # Two at least, for of one name no sequence is made.
            yield library, [*names, names[0]] if len(names) == 1 else names


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
