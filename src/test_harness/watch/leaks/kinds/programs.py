"""Programs that were started and go on running."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from test_harness.living import living
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.trail import PROGRAMS, trail

# For those that are about to end anyway.
GRACE = 0.1


class Watch(Kind):
    """Looks, where a line of the project started one, at those that run."""

    what = "leaves a program running:"
    fix = "Terminate it and wait for it, in the fixture that starts it."

    def before(self) -> set[int]:
        return {it.ident for it in _processes()}

    def after(self, state: set[int]) -> Sequence[Change]:
        started = trail.of(PROGRAMS)
        if not started:
            return ()
        lines = {
            " ".join(map(_text, it)): line for it, line in started if isinstance(it, (list, tuple))
        }
        # A shell is given the command after its own name and option.
        lines |= {it.partition(" -c ")[2]: line for it, line in lines.items() if " -c " in it}
        found = [
            Change(_name(it), UNSET, "runs", lines[_name(it)], shown="has not ended")
            for it in living(subprocess.Popen)
            if _name(it) in lines and _runs(it)
        ]
        mine = [it for it in _processes() if it.ident not in state]
        for process in mine:
            process.join(GRACE)
        return found + [
            Change(it.name, UNSET, "runs", started[-1][1], shown="has not ended")
            for it in mine
            if it.is_alive()
        ]


def _processes() -> list[Any]:
    multiprocessing: Any = sys.modules.get("multiprocessing")
    return multiprocessing.active_children() if multiprocessing else []


def _runs(program: Any) -> bool:
    try:
        program.wait(GRACE)
    except subprocess.TimeoutExpired:
        return True
    return False


def _name(program: Any) -> str:
    given = program.args
    return _text(given) if isinstance(given, (str, bytes)) else " ".join(map(_text, given))


def _text(argument: Any) -> str:
    return os.fsdecode(argument) if isinstance(argument, (bytes, os.PathLike)) else str(argument)
