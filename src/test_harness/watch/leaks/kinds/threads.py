"""Threads that go on running."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType

from test_harness.watch.leaks.files import is_of_the_project, is_standard
from test_harness.watch.leaks.kind import UNSET, Change, Kind, said
from test_harness.watch.leaks.test import Test
from test_harness.watch.leaks.trail import THREADS, trail

# For those that are about to end anyway.
GRACE = 0.1
POOLS = "concurrent.futures.thread"
WORDS = r"\b(?:Thread|Timer)\("


class Watch(Kind):
    """Looks at those that code of the project started; a pool may keep its idle ones."""

    what = "leaves a thread running:"
    fix = "End it and join it before the test ends, in a fixture where it is made there."

    def __init__(self) -> None:
        self._times = -1

    def before(self) -> set[threading.Thread]:
        self._times = trail.times(THREADS)
        return {*threading.enumerate()}

    def after(self, state: set[threading.Thread]) -> Sequence[Change]:
        times = trail.times(THREADS)
        if times == self._times:
            return ()
        self._times = times
        new = [it for it in threading.enumerate() if it not in state]
        if not new:
            return ()
        # From Python 3.12 on there is an event for it.
        lines = {getattr(it, "__self__", None): line for it, line in trail.of(THREADS)}
        return [
            Change(it.name, UNSET, "runs", lines.get(it, ""), WORDS, it, f"runs {_work_of(it)}")
            for it in new
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        thread: threading.Thread = change.about
        is_of_a_pool = getattr(_target_of(thread), "__module__", "") == POOLS
        if is_of_a_pool or not change.place:
            is_of_the_test = not is_of_a_pool and _is_standard(thread) and test.says(WORDS)
            if not any(_frames_of_the_project(thread)) and not is_of_the_test:
                return False
        thread.join(GRACE)
        return thread.is_alive()


def _target_of(thread: threading.Thread) -> object:
    return getattr(thread, "_target", None) or type(thread).run


def _is_standard(thread: threading.Thread) -> bool:
    """Tell whether a thread does nothing but what Python's library does."""
    module = sys.modules.get(getattr(_target_of(thread), "__module__", None) or "time")
    return is_standard(getattr(module, "__file__", None) or "<built in>")


def _work_of(thread: threading.Thread) -> str:
    frame = next(_frames_of_the_project(thread), None)
    return frame.f_code.co_name if frame is not None else said(_target_of(thread))


def _frames_of_the_project(thread: threading.Thread) -> Iterator[FrameType]:
    frame: FrameType | None = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if is_of_the_project(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back
