"""What a test began and left running has no part in it where it is begun anew.

Its sessions would be led to the database of the second time, and what it writes be seen there. So
its tasks are cancelled and its threads waited for; who does not end is refused from then on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

from test_harness.errors import IsolationError
from test_harness.isolation.drivers.real import running_loop
from test_harness.lock.callers import HARNESS, caller, is_of_a_library

# How long tasks and threads get to end.
SECONDS = 5.0

_refused: WeakSet[Any] = WeakSet()


class Running:
    """The tasks and threads that there are at this moment.

    Args:
        loops: Event loops whose tasks are looked at.
    """

    def __init__(self, loops: Collection[asyncio.AbstractEventLoop]) -> None:
        self._tasks, self._threads = _tasks_of(loops), {*threading.enumerate()}

    def end_others(self, loops: Collection[asyncio.AbstractEventLoop]) -> None:
        """Cancel the tasks, and wait for the threads, that began since.

        Args:
            loops: Event loops whose tasks are looked at; none of them runs.
        """
        deadline = time.monotonic() + SECONDS
        for loop in loops:
            if left := _tasks_of([loop]) - self._tasks:
                for task in left:
                    task.cancel()
                _, pending = loop.run_until_complete(asyncio.wait(left, timeout=SECONDS))
                _refused.update(pending)
        while busy := [one for one in self._others() if _is_busy(one)]:
            if time.monotonic() > deadline:
                _refused.update(busy)
                break
            time.sleep(0.005)

    def _others(self) -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one not in self._threads]


def refuse_left_running() -> None:
    """Refuse who was left running by a test that was begun anew since.

    Raises:
        IsolationError: It is one that did not end.
    """
    if not _refused:
        return
    task = None if running_loop() is None else asyncio.current_task()
    thread = threading.current_thread()
    if task in _refused or thread in _refused:
        what = "task" if task in _refused else "thread"
        raise IsolationError(
            f"{caller()} used the database in a {what} that a test left running, and which did not "
            f"end within {SECONDS:g} seconds before the test was begun anew.",
            f"End the {what} in the test or in its fixture.",
        )


def _tasks_of(loops: Collection[asyncio.AbstractEventLoop]) -> set[asyncio.Task[Any]]:
    return {task for loop in loops if not loop.is_closed() for task in asyncio.all_tasks(loop)}


def _is_busy(thread: threading.Thread) -> bool:
    """Tell whether a thread runs code of the project, or is at work on a database for it.

    Those of libraries wait for work for ever: pools, schedulers, drivers, what sends metrics.
    """
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if _is_work(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


@cache
def _is_work(file: str) -> bool:
    path = Path(file)
    return "sqlalchemy" in path.parts or not (
        is_of_a_library(file) or "dist-packages" in path.parts or path.is_relative_to(HARNESS)
    )
