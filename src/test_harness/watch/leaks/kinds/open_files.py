"""Files that stay open."""

from __future__ import annotations

import os
from collections.abc import Sequence

from test_harness.watch.leaks.descriptors import identity, open_now
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.trail import FILE, trail


class Watch(Kind):
    """Looks at those that lines of the project opened; what libraries open is theirs."""

    what = "leaves a file open:"
    fix = "Open it in a `with` block, or close it in the fixture that opens it."

    def before(self) -> None:
        return None

    def after(self, state: None) -> Sequence[Change]:
        # Numbers are of descriptors that were open already.
        opened = {it: line for it, line in trail.of(FILE) if not isinstance(it, int)}
        if not opened:
            return ()
        now = open_now()
        # A file may have been open before, and be so for the application.
        found = {
            (path, line)
            for path, line in opened.items()
            if (it := identity(os.stat, path)) is not None and now[it] > trail.open_before[it]
        }
        return [
            Change(os.fsdecode(path), UNSET, "open", line, shown="is not closed")
            for path, line in sorted(found)
        ]
