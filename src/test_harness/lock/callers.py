"""Which line of the project is behind a call, for messages that name it."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from test_harness.errors import first_line

HARNESS = Path(__file__).resolve().parents[1]
LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)

# What a failure of a test that is the harness's fault is noted under.
FAULT = "test_harness_fault"
MISTAKES = (NotImplementedError, TypeError, AttributeError, NameError, LookupError)
# The application's own calls go through these, or are made there on its behalf.
PASSING_ON = ("isolation/", "lock/", "application/", "factories/completion.py", "plugin.py")


def frames() -> Iterator[FrameType]:
    """Return the frames of this thread from the caller's on, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    # SQLAlchemy's asyncio layer runs in a greenlet, whose caller is found in its parent. A
    # synchronous application may be without the package.
    greenlets = sys.modules.get("greenlet")
    current = greenlets.getcurrent() if greenlets else None
    while True:
        while frame is not None:
            yield frame
            frame = frame.f_back
        current = current.parent if current else None
        if current is None:
            return
        frame = current.gr_frame


def caller() -> str:
    """Return `file:line` of the innermost frame that is neither the harness's nor a library's.

    Where there is none, the test that runs is named.
    """
    for frame in frames():
        name = frame.f_code.co_filename
        if _is_of_the_project(name):
            return _shown(name, frame.f_lineno)
    return os.environ.get("PYTEST_CURRENT_TEST", "Something").rsplit(" (", 1)[0]


def raised_at(error: BaseException) -> str:
    """Return `file:line` of the innermost frame of the project that an error came through."""
    walked = traceback.walk_tb(error.__traceback__)
    places = [(frame.f_code.co_filename, line) for frame, line in walked]
    return next((_shown(*it) for it in reversed(places) if _is_of_the_project(it[0])), "")


def place_of(error: BaseException) -> str:
    """Return in brackets the line of the project that an error comes from; empty without one."""
    place = raised_at(error)
    if isinstance(error, SyntaxError) and error.filename:
        # Of a module that was never run.
        place = _shown(error.filename, error.lineno or 1)
    return f" ({place})" if place else ""


def fault_of_the_harness(error: BaseException) -> str:
    """Return what there is to report of an error that only the harness can be behind; else nothing.

    That is a mistake in Python with no line of the project between it and the harness, which has
    errors of its own for whatever an application does.
    """
    if not isinstance(error, MISTAKES):
        return ""
    walked = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    nearest = next((it for it in reversed(walked) if not _only_passes_on(it)), "")
    return _said_at(error, _innermost(error)) if nearest.startswith(str(HARNESS)) else ""


def _only_passes_on(file: str) -> bool:
    """Tell whether a file is called by whoever makes mistakes: a library, or what stands in one."""
    if file.startswith(str(HARNESS)):
        return Path(file).relative_to(HARNESS).as_posix().startswith(PASSING_ON)
    return is_of_a_library(file)


def said_with_place(error: BaseException) -> str:
    """Return what an error says in one line, and where: in the project, or else where it broke."""
    return _said_at(error, raised_at(error) or _innermost(error))


def _innermost(error: BaseException) -> str:
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    # Under the name of its package: where that lies on this machine is of no use to others.
    path = re.sub(r".*(?:site|dist)-packages/", "", Path(frame.f_code.co_filename).as_posix())
    return f"{path.removeprefix(f'{HARNESS.parent.as_posix()}/')}:{line}"


def _said_at(error: BaseException, place: str) -> str:
    return f"{type(error).__name__}: {first_line(error).rstrip('.')} ({place})"


def _is_of_the_project(file: str) -> bool:
    return not file.startswith(str(HARNESS)) and not is_of_a_library(file)


def _shown(file: str, line: int) -> str:
    path, here = Path(file), Path.cwd()
    return f"{(path.relative_to(here) if path.is_relative_to(here) else path).as_posix()}:{line}"


def is_of_a_library(file: str) -> bool:
    """Tell whether the file of a frame is an installed one, or none at all."""
    return file.startswith((*LIBRARIES, "<")) or "site-packages" in file
