"""Where imports are looked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from test_harness.lock.callers import is_of_a_library
from test_harness.watch.leaks.kind import UNSET, Change, Kind

WORDS = r"sys\.path\b|syspath|\bpath\.(?:insert|append|extend|remove)"


class Watch(Kind):
    """Compares `sys.path`."""

    what = "changes sys.path:"
    fix = "Change it with monkeypatch.syspath_prepend, or name the folder in pytest.ini."

    def before(self) -> list[str]:
        return sys.path.copy()

    def after(self, state: list[str]) -> Sequence[Change]:
        now = sys.path
        if now == state:
            return ()
        # Installed packages add folders of their own when they are imported.
        added = [it for it in now if it not in state and not is_of_a_library(str(it))]
        gone = [it for it in state if it not in now]
        found = [Change(str(it), UNSET, True, words=WORDS, shown="is added") for it in added]
        found += [Change(str(it), True, UNSET, words=WORDS, shown="is gone") for it in gone]
        kept = [it for it in now if it in state]
        if not found and sorted(map(str, kept)) == sorted(map(str, state)):
            found = (
                [Change("order", 1, 2, words=WORDS, shown="is another")] if kept != state else []
            )
        return found

    def restore(self, state: Any, change: Change) -> bool:
        sys.path[:] = state
        return True
