"""Connections and sessions that tests take and do not give back."""

from __future__ import annotations

from collections.abc import Sequence

from test_harness.isolation.pools import LeftOpen
from test_harness.runtime.process import runtime
from test_harness.watch.leaks.kind import UNSET, Change, Kind


class Watch(Kind):
    """Asks the pools: what nobody refers to any more, and what something goes on holding."""

    what = "leaves a database connection open:"
    fix = "Close the session or the connection, or open it in a `with` block."

    def before(self) -> LeftOpen | None:
        if not runtime.cache_info().currsize:
            return None
        left_open = runtime().seam.left_open
        left_open.held = []
        left_open.is_for_several()
        return left_open

    def after(self, state: LeftOpen | None) -> Sequence[Change]:
        if state is None or not state.held:
            return ()
        return [Change(it, UNSET, "open", it, shown="is not given back") for it in state.held]
