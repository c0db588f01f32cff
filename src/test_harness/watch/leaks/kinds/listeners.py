"""Listeners of SQLAlchemy on classes, and on engines and factories of sessions that stay."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.test import Test

REGISTRY = "sqlalchemy.event.registry"
# Where what is listened to is found by its name.
SPOKEN_OF = ("sqlalchemy.orm", "sqlalchemy.engine", "sqlalchemy.pool")
LISTENS = r"\blistens?(_for)?\("


class Watch(Kind):
    """Counts them: the latest stand last, and who they listen to is looked for only then."""

    what = "leaves a listener on:"
    fix = "Take it off with `event.remove(...)` in a fixture, after its `yield`."

    def before(self) -> int:
        return len(_registered())

    def after(self, state: int) -> Sequence[Change]:
        registered = _registered()
        if len(registered) <= state:
            return ()
        latest = [*registered][state - len(registered) :]
        lasting = dict(_lasting())
        return [
            Change(f"{lasting[target]}, {event}", UNSET, "", words=LISTENS, shown="is not removed")
            for target, event, _ in latest
            if target in lasting
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        # Libraries and modules listen when they are imported.
        return bool(test.says(LISTENS))


def _registered() -> dict[tuple[int, str, int], Any]:
    registered: dict[tuple[int, str, int], Any]
    registered = getattr(sys.modules.get(REGISTRY), "_key_to_collection", {})
    return registered


def _lasting() -> Iterator[tuple[int, str]]:
    """Yield what outlives a test and can be listened to, by its identity."""
    modules = [sys.modules[name] for name in SPOKEN_OF if name in sys.modules]
    for module in modules:
        for name, value in [*vars(module).items()]:
            if isinstance(value, type):
                yield id(value), name
    for module in [*own_modules.all().values()]:
        for name, value in [*vars(module).items()]:
            yield id(value), name
