"""Registries and singletons that the project names in `[watch] names` of harness.toml."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from test_harness.settings import settings
from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.points import CONTAINERS, Point, Points


class Watch(Kind):
    """Compares what is in each of them; whatever changes is a leak."""

    what = "changes"
    fix = "Put back in a fixture what the test put there."

    is_slow = True

    def __init__(self) -> None:
        self._names = settings().watch.names.split()
        self._found: list[str] = []
        self._points = Points(self._roots, lambda _: True)

    def before(self) -> None:
        self._found = [name for name, _ in self._roots()]
        self._points.collect()

    def after(self, state: None) -> Sequence[Change]:
        if not self._names:
            return ()
        if len(self._found) < len(self._names):
            # Some are of modules that are imported late.
            found = [name for name, _ in self._roots()]
            if found != self._found:
                self.before()
        changed = self._points.changes()
        for change in changed:
            name = change.name.partition(":")[2].split("[")[0].split(".")[0]
            change.words = rf"\b{re.escape(name)}\b"
        return changed

    def _roots(self) -> Iterator[tuple[str, Any]]:
        for path in self._names:
            module, _, name = path.partition(":")
            try:
                found = functools.reduce(getattr, name.split("."), sys.modules[module])
            except (AttributeError, KeyError):
                continue
            held = found if isinstance(found, CONTAINERS) else getattr(found, "__dict__", None)
            if isinstance(held, CONTAINERS):
                yield path, Point(path, found, held)
