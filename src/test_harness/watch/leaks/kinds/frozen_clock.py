"""A clock that was stopped or moved, by time-machine or freezegun, and goes on standing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.kind import Change, Kind

WORDS = r"\btravel\(|\bfreeze_time\(|\.start\(\)|move_to\("


class Watch(Kind):
    """Counts who travels."""

    what = "leaves the clock standing, by"
    fix = "Travel in a `with` block, or with a fixture, which ends it."

    def before(self) -> tuple[int, int]:
        travel: Any = sys.modules.get("time_machine")
        frozen: Any = sys.modules.get("freezegun.api")
        return (
            int(travel.escape_hatch.is_travelling()) if travel else 0,
            len(frozen.freeze_factories) if frozen else 0,
        )

    def after(self, state: tuple[int, int]) -> Sequence[Change]:
        now = self.before()
        if now == state:
            return ()
        names = ("time_machine", "freezegun")
        return [
            Change(name, old, new, "", WORDS, None, "was not told to go on")
            for name, old, new in zip(names, state, now, strict=True)
            if new > old
        ]

    def restore(self, state: Any, change: Change) -> bool:
        # freezegun knows no way back but the object that stopped it.
        if change.name != "time_machine":
            return False
        travel: Any = sys.modules["time_machine"]
        while travel.escape_hatch.is_travelling():
            travel.travel(0).stop()
        return True
