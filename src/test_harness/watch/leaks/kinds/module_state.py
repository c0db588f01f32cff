"""What lies in the modules of the project and its tests: globals, classes, objects, containers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from test_harness.settings import settings
from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kept import Cached
from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.points import Points
from test_harness.watch.leaks.significance import is_leak_in
from test_harness.watch.leaks.test import Test, is_made_by_tests

PATCHED = "was replaced and stays so"


class Watch(Kind):
    """Compares the names of each module, and what can be put into what they stand for."""

    what = "changes"
    fix = (
        "Change it with monkeypatch, or put it back in a fixture; what fills when it is first used "
        "is named in [watch] caches of harness.toml."
    )

    is_slow = True

    def __init__(self) -> None:
        self._modules = 0
        self._points = Points(self._roots, own_modules.all().__contains__)
        self._named = (*settings().watch.names.split(),)
        self._caches = settings().watch.caches.split()

    def before(self) -> None:
        self._points.collect()

    def after(self, state: None) -> Sequence[Change]:
        found = self._points.changes()
        for change in found:
            change.words = _words(change)
        if not found and len(sys.modules) != self._modules:
            # Nothing of what is new has changed since it was imported.
            self._points.collect()
        return found

    def is_leak(self, change: Change, test: Test) -> bool:
        # Those that are named have a kind of their own.
        return not change.name.startswith(self._named) and is_leak_in(change, test, self._caches)

    def restore(self, state: Any, change: Change) -> bool:
        if isinstance(change.about.live, Cached):
            change.about.live.empty()
            return True
        # What a test put in the place of something else is nobody else's.
        if not change.about.is_namespace or not is_made_by_tests(change.after):
            return False
        setattr(change.about.holder, change.name.rpartition(".")[2], change.before)
        return True

    def _roots(self) -> Iterator[tuple[str, Any]]:
        self._modules = len(sys.modules)
        # What a module imports stands after it, and is called by where it was made.
        yield from reversed([*own_modules.all().items()])


def _words(change: Change) -> str:
    names = re.findall(r"\w+", change.name.rpartition(":")[2].split("[")[0])
    name = names[-1] if names else change.name
    return rf"\b{name}\b(?!\s*import)"
