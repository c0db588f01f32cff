"""The time zone that the process was told of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.kind import Change, Kind


class Watch(Kind):
    """Compares what `time` has: a variable that is put back does not change it."""

    what = "changes the time zone,"
    fix = "Call time.tzset() after TZ is back, or travel with time_machine, which does."

    def before(self) -> tuple[Any, ...]:
        return time.tzname, time.timezone, time.altzone

    def after(self, state: tuple[Any, ...]) -> Sequence[Change]:
        now = (time.tzname, time.timezone, time.altzone)
        return () if now == state else [Change("time.tzname", state[0], now[0], "", r"\btzset\(")]

    def restore(self, state: Any, change: Change) -> bool:
        # Variables are put back before this.
        time.tzset()
        return True
