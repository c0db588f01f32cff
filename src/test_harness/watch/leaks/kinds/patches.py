"""Functions of libraries that tests replaced: `time.sleep`, `requests.get`."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from types import ModuleType
from typing import Any

from test_harness.watch.leaks.files import is_of_the_project, own_modules
from test_harness.watch.leaks.kind import UNSET, Change, Kind, is_same
from test_harness.watch.leaks.test import Test, is_made_by_tests

Holder = ModuleType | type
# What a class in C is not: one whose attributes can be set.
CAN_BE_SET = 1 << 9
CALLED = {"__init__", "__call__", "__enter__", "__exit__", "__getattr__"}


class Watch(Kind):
    """Compares the modules that the project imports by name, and Python's builtins.

    And the classes of libraries that its code speaks of. Of all those the names that its code sets
    somewhere, or has in quotes: what it replaces is among them.
    """

    what = "replaces"
    fix = "Replace it with monkeypatch.setattr, or `with mock.patch(...)`."

    def __init__(self) -> None:
        self._modules = 0
        self._holders: list[tuple[Holder, list[str]]] = []
        self._getters: list[tuple[Callable[[Any], Any], Mapping[str, Any]]] = []

    def before(self) -> list[Any]:
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._holders = [*_with_names(_holders(own_modules.all().values()))]
            self._getters = [(itemgetter(*names), vars(it)) for it, names in self._holders]
        return [get(names) for get, names in self._getters]

    def after(self, state: list[Any]) -> Sequence[Change]:
        try:
            if is_same([get(names) for get, names in self._getters], state):
                return ()
        except KeyError:
            pass  # A name is gone.
        found = {}
        for (holder, names), known in zip(self._holders, state, strict=True):
            for name, before in zip(names, known, strict=True):
                after = vars(holder).get(name, UNSET)
                if after is not before:
                    change = _change(holder, name, before, after)
                    found[change.name] = change
        return [*found.values()]

    def is_leak(self, change: Change, test: Test) -> bool:
        name = change.name.rpartition(".")[2]
        # A library may set what is its own whenever it likes.
        is_set_here = test.says(rf"\.{re.escape(name)}\s*=(?!=)")
        return is_made_by_tests(change.after) or bool(is_set_here)

    def restore(self, state: Any, change: Change) -> bool:
        setattr(change.about, change.name.rpartition(".")[2], change.before)
        return True


def _change(holder: Holder, name: str, before: Any, after: Any) -> Change:
    of = holder.__name__
    if isinstance(holder, type):
        of = f"{holder.__module__}.{holder.__qualname__}"
    return Change(f"{of}.{name}", before, after, "", rf"\b{name}\b", holder)


def _with_names(holders: Iterable[Holder]) -> Iterator[tuple[Holder, list[str]]]:
    wanted = own_modules.names_that_are_set()
    for holder in holders:
        names = [name for name in vars(holder) if name in wanted]
        if isinstance(holder, type):
            names = [name for name in names if not name.startswith("__") or name in CALLED]
        if names:
            # Two at least, for of one name no sequence is made.
            yield holder, [*names, names[0]] if len(names) == 1 else names


def _holders(own: Iterable[ModuleType]) -> Iterator[Holder]:
    modules, words = [*own], own_modules.words()
    libraries = [*_imported(modules)]
    yield from libraries
    seen: set[int] = set()
    for module in (*libraries, *modules):
        for name, value in [*vars(module).items()]:
            if isinstance(value, type) and name in words and id(value) not in seen:
                seen.add(id(value))
                if value.__flags__ & CAN_BE_SET and value.__module__ not in own_modules.all():
                    yield value


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
                yield from _below(value, seen)


def _below(package: ModuleType, seen: set[int]) -> Iterator[ModuleType]:
    """Yield what `import http.client` makes to be had, which binds no more than `http`."""
    for name, value in [*vars(package).items()]:
        is_new = type(value) is ModuleType and id(value) not in seen
        is_below = is_new and value.__name__ == f"{package.__name__}.{name}"
        if is_below and own_modules.say(value.__name__.encode()):
            seen.add(id(value))
            yield value
