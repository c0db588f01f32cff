"""Tasks that go on running in an event loop that tests share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from test_harness.watch.leaks.files import is_of_the_project, is_standard, line_of
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.test import Test

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# For those that are about to end anyway.
GRACE = 0.02

loops: WeakSet[AbstractEventLoop] = WeakSet()
"""Those that tests run in."""


class Watch(Kind):
    """Looks at those that were not there before the test."""

    what = "leaves a task running:"
    fix = "Await it, or cancel it and await it, before the test ends."

    def before(self) -> set[Any]:
        return {task for loop in loops if not loop.is_closed() for task in _tasks_of(loop)}

    def after(self, state: set[Any]) -> Sequence[Change]:
        if not len(loops) or self.before() <= state:
            return ()
        for loop in loops:
            if not loop.is_closed() and not loop.is_running():
                _run_for_a_while(loop)
        return [_change(task) for task in self.before() - state]

    def is_leak(self, change: Change, test: Test) -> bool:
        file = getattr(_code_of(change.about), "co_filename", "")
        is_of_the_test = is_standard(file) and test.says(r"create_task\(|ensure_future\(")
        return is_of_the_project(file) or bool(is_of_the_test)


def _tasks_of(loop: AbstractEventLoop) -> set[Any]:
    from asyncio import all_tasks  # which takes a while, and suites without coroutines do without

    return all_tasks(loop)


def _run_for_a_while(loop: AbstractEventLoop) -> None:
    from asyncio import sleep

    loop.run_until_complete(sleep(GRACE))


def _change(task: Any) -> Change:
    code = _code_of(task)
    place = line_of(code) if code is not None and is_of_the_project(code.co_filename) else ""
    name = getattr(code, "co_name", task.get_name())
    words = r"create_task\(|ensure_future\("
    return Change(name, UNSET, "runs", place, words, task, "is not done")


def _code_of(task: Any) -> Any:
    coroutine = task.get_coro()
    return getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
