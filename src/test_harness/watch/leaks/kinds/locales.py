"""The locale of the process."""

from __future__ import annotations

import locale
from collections.abc import Sequence
from typing import Any

from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kind import Change, Kind


class Watch(Kind):
    """Compares the locale of every category."""

    what = "changes the locale,"
    fix = "Set it in a fixture that sets back what locale.setlocale returned before."

    def before(self) -> str:
        return locale.setlocale(locale.LC_ALL)

    def after(self, state: str) -> Sequence[Change]:
        # Libraries that set it would not be asked twice; code of the project calls it by its name.
        if not own_modules.say(b"locale"):
            return ()
        now = locale.setlocale(locale.LC_ALL)
        return () if now == state else [Change("LC_ALL", state, now, "", r"\bsetlocale\(")]

    def restore(self, state: Any, change: Change) -> bool:
        locale.setlocale(locale.LC_ALL, change.before)
        return True
