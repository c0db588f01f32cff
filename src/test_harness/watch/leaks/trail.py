"""Which line of the project began what: noted while a test runs, for what is found after it.

Source of the technique: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import os
import sys
import weakref
from collections import Counter
from types import FrameType
from typing import Any

from test_harness.watch.leaks.descriptors import Identity, open_now
from test_harness.watch.leaks.files import line_behind

ENVIRONMENT = frozenset({"os.putenv", "os.unsetenv"})
THREADS = frozenset({"_thread.start_new_thread", "_thread.start_joinable_thread"})
TELLS_OF_THREADS = sys.version_info >= (3, 12)
FOLDER, SOCKET, FILE = "os.chdir", "socket.__new__", "open"
PROGRAM = "subprocess.Popen"
PROGRAMS = frozenset({PROGRAM, "os.fork", "os.posix_spawn"})
EVENTS = ENVIRONMENT | THREADS | PROGRAMS | {FOLDER, SOCKET, FILE}
# What is counted whoever does it, so that nobody has to look where it has not happened.
COUNTED: dict[str, frozenset[str] | str] = {
    **dict.fromkeys(ENVIRONMENT, ENVIRONMENT),
    **dict.fromkeys(THREADS, THREADS),
    FOLDER: FOLDER,
}
# pytest sets it three times for each test.
CURRENT_TEST = os.fsencode("PYTEST_CURRENT_TEST")


class Trail:
    """What was begun since the last test, by lines of the project; nothing while it is paused."""

    def __init__(self) -> None:
        self._is_on = False
        self._is_installed = False
        self._times: Counter[frozenset[str] | str] = Counter()
        self.began: list[tuple[str, Any, str]] = []
        """Each event with what it is about, and the line behind it."""
        self.open_before: Counter[Identity] = Counter()
        """The files that were open before a line of the project opened the first one."""

    def follow(self) -> None:
        """Begin anew."""
        if not self._is_installed:
            # It cannot be removed.
            sys.addaudithook(self._note)
            self._is_installed = True
        self.began.clear()
        self._is_on = True

    def pause(self) -> bool:
        """Note nothing for a while, and return whether anything was noted until now."""
        was_on, self._is_on = self._is_on, False
        return was_on

    def resume(self, was_on: bool) -> None:
        """Go on, if it was noted before the pause."""
        self._is_on = was_on

    def of(self, events: frozenset[str] | str) -> list[tuple[Any, str]]:
        """Return what events of a kind were about, with the lines behind them."""
        if not self.began:
            return []  # As nearly always.
        wanted = {events} if isinstance(events, str) else events
        return [(subject, line) for event, subject, line in self.began if event in wanted]

    def times(self, events: frozenset[str] | str) -> int:
        """Return how often something of a kind was done; never the same where that is unknown."""
        if not self._is_installed or (events is THREADS and not TELLS_OF_THREADS):
            self._times[events] += 1
        return self._times[events]

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS:
            return
        # Of a program what it is started with.
        subject = arguments[event == PROGRAM] if arguments else None
        if subject == CURRENT_TEST:
            return
        if event in COUNTED:
            self._times[COUNTED[event]] += 1
        if not self._is_on:
            return
        # What is noted may do the same again, to no end.
        self._is_on = False
        try:
            frame = sys._getframe(1)
            line = "" if event == FILE and _is_of_logging(frame) else line_behind(frame)
            if line:
                if event == FILE and not self.of(FILE):
                    self.open_before = open_now()
                # A socket that nobody knows any more is closed, and this may not know it either.
                noted = weakref.ref(subject) if event == SOCKET else subject
                self.began.append((event, noted, line))
        except TypeError:
            pass  # It is one of C, which cannot be referred to so.
        finally:
            self._is_on = True


def _is_of_logging(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_globals.get("__name__") != "logging":
        frame = frame.f_back
    return frame is not None


trail = Trail()
