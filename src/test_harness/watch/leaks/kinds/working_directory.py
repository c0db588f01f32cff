"""The working directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from test_harness.project import project_dir
from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.trail import FOLDER, trail

GONE = "a folder that is gone"


class Watch(Kind):
    """Compares where the process is."""

    what = "changes the working directory,"
    fix = "Change it with monkeypatch.chdir, which goes back."

    def __init__(self) -> None:
        self._times = -1

    def before(self) -> str:
        self._times = trail.times(FOLDER)
        try:
            return os.getcwd()  # noqa: PTH109 - a Path of it takes several times as long
        except FileNotFoundError:
            return GONE

    def after(self, state: str) -> Sequence[Change]:
        if trail.times(FOLDER) == self._times or (now := self.before()) == state:
            return ()
        began = trail.of(FOLDER)
        return [Change("os.getcwd()", state, now, began[-1][1] if began else "", r"\bchdir\(")]

    def restore(self, state: Any, change: Change) -> bool:
        there = Path(change.before)
        os.chdir(there if there.is_dir() else project_dir())
        return True
