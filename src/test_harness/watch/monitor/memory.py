"""How much memory a test took at its peak, at a price of microseconds.

The kernel keeps the highest resident size of a process. On Linux that mark is put back to what is
resident now by writing 5 to `/proc/self/clear_refs`, so that each test has a peak of its own;
elsewhere a test counts only as far as it goes beyond all that ran before it. What `getrusage` tells
is never below what the process was that started this one, and where that was more, the mark is read
from `/proc/self/status`. What an allocator kept
from an earlier test and gives to this one is not seen: a test is never told that it took more than
it did.

Source: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
"""

from __future__ import annotations

import os
import re
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MEGABYTE = 1 << 20
RESET = "/proc/self/clear_refs"
STATUS = Path("/proc/self/status")
_HIGH_WATER = re.compile(rb"^VmHWM:\s*(\d+) kB", re.MULTILINE)


def _high_water() -> Callable[[], int] | None:
    """Return what tells the highest resident size so far, in bytes; None where nothing does."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # on Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024

    def of_usage() -> int:
        return getrusage(RUSAGE_SELF).ru_maxrss * unit

    with suppress(OSError, TypeError):
        if _of_status() + MEGABYTE < of_usage():
            return _of_status
    return of_usage


def _of_status() -> int:
    """Return the same of this program alone, which takes thirty times as long."""
    return int(_HIGH_WATER.search(STATUS.read_bytes())[1]) * 1024  # type: ignore[index]


class Resident:
    """What the resident size of the process grows by."""

    def __init__(self) -> None:
        self._high_water = _high_water()
        self._began = 0
        self._peak = 0
        try:
            self._reset: int | None = os.open(RESET, os.O_WRONLY | os.O_CLOEXEC)
        except OSError:
            self._reset = None

    def begin(self) -> None:
        """Begin with a test."""
        self._peak = 0
        self.go_on()

    def go_on(self) -> None:
        """Count from here on, after what was not the test's."""
        if self._reset is not None:
            try:
                os.write(self._reset, b"5")
            except OSError:
                self._reset = None
        if self._high_water is not None:
            self._began = self._high_water()

    def pause(self) -> None:
        """Remember what it came to, before what is not the test's."""
        if self._high_water is not None:
            self._peak = max(self._peak, self._high_water() - self._began)

    def end(self) -> float | None:
        """Return the peak, in megabytes; None where the system does not tell."""
        self.pause()
        return None if self._high_water is None else self._peak / MEGABYTE

    def close(self) -> None:
        """Give back what it holds."""
        if self._reset is not None:
            os.close(self._reset)
            self._reset = None


class Allocated:
    """What Python allocates, to the byte: for tests that ask for it, since it takes its time."""

    def __init__(self) -> None:
        self._began = 0
        self._peak = 0
        self._is_ours = False

    def begin(self) -> None:
        """Begin with a test."""
        self._peak = 0
        self._is_ours = not tracemalloc.is_tracing()
        if self._is_ours:
            tracemalloc.start()
        self.go_on()

    def go_on(self) -> None:
        """Count from here on, after what was not the test's."""
        tracemalloc.reset_peak()
        self._began = tracemalloc.get_traced_memory()[0]

    def pause(self) -> None:
        """Remember what it came to, before what is not the test's."""
        self._peak = max(self._peak, tracemalloc.get_traced_memory()[1] - self._began)

    def end(self) -> float:
        """Return the peak, in megabytes."""
        self.pause()
        if self._is_ours:
            tracemalloc.stop()
        return self._peak / MEGABYTE
