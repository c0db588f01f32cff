"""The clock of a run: what takes longer than it may is interrupted, and ended if that is no use.

A thread looks at it. It has the main thread raise `NotEnded` by a signal, which ends every wait in
Python; whatever swallows that, or waits in C, is ended with the process after some more tries.
Where nothing of Python runs any more, this thread included, its `faulthandler` ends the process.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

import pytest

from test_harness.limits.standing import Standing, standing
from test_harness.seconds import LimitSettings

TICK = 0.2
GRACE = 5.0
TRIES = 2
# A process that was stopped, by Ctrl-Z for instance, has not used that time.
STOPPED = 5.0
DEBUGGERS = {"bdb", "pdb", "ipdb", "pudb", "pydevd", "_pydevd_bundle", "debugpy"}
# Nobody else uses it, and where nobody waits for it nothing happens.
SIGNAL = getattr(signal, "SIGURG", None)


class NotEnded(pytest.fail.Exception):  # type: ignore[misc, name-defined]
    """Raised in what takes too long; nothing that handles errors handles it.

    Args:
        said: One sentence on what did not end, one on what to do, and the stacks.
        ends_run: Whether there is no sense in another test.
    """

    __module__ = "builtins"  # so that it is shown without, as what it derives from

    def __init__(self, said: str, *, ends_run: bool = False) -> None:
        super().__init__(said, pytrace=False)
        self.ends_run = ends_run


@dataclass(eq=False)
class Limit:
    """What may take some seconds.

    Args:
        what: What it is, in words that begin a sentence.
        seconds: How long it may take from now on; 0 is for as long as it likes.
        fix: What to do about it.
        ends_run: Whether there is no sense in another test.
    """

    what: str
    seconds: float
    fix: str
    ends_run: bool = False
    began: float = field(init=False)
    deadline: float = field(init=False)
    tries: int = 0
    said: str = ""

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.deadline = self.began + self.seconds if self.seconds else float("inf")

    def say(self, found: Standing, beside: str) -> str:
        """Say once, for the first time tells most, what did not end and where it stood."""
        if not self.said:
            where = ". ".join(filter(None, (found.sentence(), beside)))
            self.said = (
                f"{self.what} did not end within {self.seconds:g} seconds"
                f"{where and f': {where}'}.\n  Fix: {self.fix}\n  Where it stood:\n{found.shown()}"
            )
        return self.said


class Clock:
    """Knows what is running, the innermost last."""

    def __init__(self) -> None:
        self._running: list[Limit] = []
        self._late: Limit | None = None
        self._at_exit: Limit | None = None
        self._errors = 2
        self._backed: Limit | None = None
        self._is_backed = False
        self._beside: Callable[[], str] = str
        self._free: Callable[[], object] = str
        self.seconds = LimitSettings()
        """How long things may take."""
        self.status = int(pytest.ExitCode.INTERNAL_ERROR)
        """What a process ends with that does not end by itself after the tests."""

    def start(
        self,
        seconds: LimitSettings,
        *,
        backed: bool,
        beside: Callable[[], str],
        free: Callable[[], object],
    ) -> None:
        """Look at the clock from now on, once for each process, from its main thread.

        Args:
            seconds: How long things may take.
            backed: Whether `faulthandler` is free to be used for it.
            beside: Called for what else there is to say of something that did not end.
            free: Called to have servers end what somebody waits for where no signal is heard.
        """
        self.seconds = seconds
        self._beside, self._free = beside, free
        # While tests run, what is written to stderr is captured.
        self._errors = os.dup(2)
        self._is_backed = backed
        self._at_exit = Limit(
            "The process",
            seconds.end,
            "Make the thread a daemon or end it when the application shuts down, or raise "
            "[limits] end in harness.toml.",
        )
        if SIGNAL is not None:
            signal.signal(SIGNAL, self._interrupt)
        if backed:
            # Until the thread looks for the first time.
            self._backed = self._at_exit
            self._back(min(seconds.start, seconds.test) or float("inf"))
        threading.Thread(target=self._look, name="test-harness-clock", daemon=True).start()

    @contextmanager
    def within(self, limit: Limit) -> Iterator[None]:
        """Give the block its time; what runs around it waits, and loses none of its own."""
        self.begin(limit)
        try:
            yield
        finally:
            self.end(limit)

    def begin(self, limit: Limit) -> Limit:
        """Have what a limit is for begin, and return the limit, which `end` is called with."""
        self._running.append(limit)
        return limit

    def end(self, limit: Limit) -> None:
        """Have what a limit is for be done; what it waited for goes on."""
        running = self._running
        # Those in it as well, whose coroutine was left where it stood.
        if limit in running:
            del running[running.index(limit) :]
        if running:
            running[-1].deadline += time.monotonic() - limit.began

    def _look(self) -> None:
        backed_at = looked_at = time.monotonic()
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            stopped, looked_at = now - looked_at > STOPPED, now
            limit = self._current()
            if limit is None:
                if self._backed is not None:
                    self._backed = None
                    faulthandler.cancel_dump_traceback_later()
                continue
            if stopped or _is_debugged():
                limit.deadline = max(limit.deadline, now + limit.seconds)
            if self._is_backed and (limit is not self._backed or now - backed_at > GRACE / 2):
                self._backed, backed_at = limit, now
                self._back(limit.deadline - now)
            if now >= limit.deadline:
                self._end(limit)

    def _current(self) -> Limit | None:
        if self._at_exit and _is_ending() and self._at_exit not in self._running:
            self._at_exit = replace(self._at_exit)
            self._running[:] = [self._at_exit]
        return self._running[-1] if self._running else None

    def _back(self, seconds: float) -> None:
        faulthandler.cancel_dump_traceback_later()
        if seconds != float("inf"):
            later = max(seconds, 0) + (TRIES + 2) * GRACE
            faulthandler.dump_traceback_later(later, exit=True, file=self._errors)

    def _end(self, limit: Limit) -> None:
        limit.tries += 1
        limit.deadline = time.monotonic() + GRACE
        if SIGNAL is None or limit.tries > TRIES or limit is self._at_exit:
            self._end_process(limit)
        else:
            self._late = limit
            # It is a signal to the thread, so that its wait is interrupted and not another's.
            signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
            time.sleep(TICK)
            self._free()

    def _end_process(self, limit: Limit) -> None:
        found, was_told = standing(), bool(limit.said)
        said = f"\n{limit.say(found, self._beside())}\n"
        if was_told:
            said += f"  Where it stood in the end, interrupted in vain:\n{found.shown()}\n"
        for stream in {sys.stdout, sys.__stdout__}:
            with suppress(Exception):
                stream.flush()  # type: ignore[union-attr]
        os.write(self._errors, said.encode(errors="replace"))
        unknown = int(pytest.ExitCode.INTERNAL_ERROR)
        os._exit(self.status if limit is self._at_exit else unknown)

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        limit, self._late = self._late, None
        if limit is None or limit is not self._current():
            return
        found = standing()
        said = limit.say(found, self._beside())
        if found.awaited is not None:
            # The loop is left in the middle, and ends this when it runs the next time.
            found.awaited.cancel()
        raise NotEnded(said, ends_run=limit.ends_run)


def _is_ending() -> bool:
    """Tell whether the interpreter waits for threads, or calls what was registered for its end."""
    main = threading.main_thread()
    frame: Any = sys._current_frames().get(main.ident or 0)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    at_end = frame is not None and frame.f_code is threading._shutdown.__code__  # type: ignore[attr-defined]
    return at_end or not main.is_alive()


def _is_debugged() -> bool:
    for frame in sys._current_frames().values():
        inner: FrameType | None = frame
        while inner is not None:
            if inner.f_globals.get("__name__", "").partition(".")[0] in DEBUGGERS:
                return True
            inner = inner.f_back
    return False


clock = Clock()
