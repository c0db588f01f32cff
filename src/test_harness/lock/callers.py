"""Which line of the project is behind a call, for messages that name it."""

from __future__ import annotations

import inspect
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from test_harness.errors import HarnessError, first_line
from test_harness.project import suite_dir

HARNESS = Path(__file__).resolve().parents[1]
_INSTALLED = ("stdlib", "platstdlib", "purelib", "platlib")
LIBRARIES = tuple({sysconfig.get_path(name) for name in _INSTALLED})

# What a failure of a test that is the harness's fault is noted under.
FAULT = "test_harness_fault"
FAULT_SAID = "A fault of the harness, and not of the application: "
# Whose errors say that somebody called them wrongly. Those of SQLAlchemy and of frameworks say what
# is wrong with models and routes, which they read late.
MISUSED = {"builtins", "factory", "faker", "test_harness", *sys.stdlib_module_names}
# What the machine or a database says, and what the harness says of an answer.
NO_MISTAKES = (OSError, ImportError, Warning, HarnessError)
NAMES_OF_NO_MISTAKES = {"SocketClosed", "ConnectionRefused", "TimeoutError"}
# The application's own calls go through these, or are made there on its behalf.
PASSING_ON = (
    "isolation/",
    "lock/",
    "application/",
    "factories/completion.py",
    "fixtures/coroutines_sync.py",
    "fixtures/working_folder.py",
    "plugin.py",
    "watch/leaks/plugin.py",
    "watch/monitor/counting.py",
    "watch/monitor/plugin.py",
    "watch/order/plugin.py",
)
# Behind these is the application, even where frames of its framework are all there is to see.
DOORS = tuple(f"application/{name}.py" for name in ("exchanges", "lifespan", "loading"))
CHECKS = "checks"
MOST_DECORATORS = 5
# What transactions of the application have become, nobody else can lose.
_LOST_SAVEPOINT = re.compile(
    r'savepoint "?test_harness_\d+"? does not exist|no such savepoint: test_harness_\d',
    re.IGNORECASE,
)


def frames() -> Iterator[FrameType]:
    """Return the frames of this thread from the caller's on, the innermost first."""
    yield from _outwards(sys._getframe(1))
    yield from _frames_of_parents()


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _frames_of_parents() -> Iterator[FrameType]:
    # SQLAlchemy's asyncio layer runs in a greenlet, whose caller is found in its parent. A
    # synchronous application may be without the package.
    greenlets = sys.modules.get("greenlet")
    current = greenlets.getcurrent().parent if greenlets else None
    while current is not None:
        yield from _outwards(current.gr_frame)
        current = current.parent


def caller() -> str:
    """Return `file:line` of the innermost frame that is neither the harness's nor a library's.

    Where there is none, the test that runs is named.
    """
    found = calling_line()
    if found is not None:
        return shown_place(*found)
    return os.environ.get("PYTEST_CURRENT_TEST", "Something").rsplit(" (", 1)[0]


def calling_line() -> tuple[str, int] | None:
    """Return file and line of that frame, which takes a small part of the time that words take."""
    # Asked for whenever a pool gives a connection. Whoever listens to audit events is told of each
    # `f_code` that is read, and not of the file that the module says it is of.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_globals.get("__file__")
        if (file is None or _is_of_the_project(file)) and _is_of_the_project(
            frame.f_code.co_filename
        ):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    for frame in _frames_of_parents():
        if _is_of_the_project(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
    return None


def is_called_by_the_project() -> bool:
    """Tell whether the project itself calls what calls this, past the harness and ctypes."""
    between = f"{os.sep}ctypes{os.sep}"
    files = (frame.f_code.co_filename for frame in frames())
    others = (it for it in files if not it.startswith(str(HARNESS)) and between not in it)
    return _is_of_the_project(next(others, "<"))


def asked_at() -> str:
    """Return `file:line` of the innermost frame of the application; empty where there is none."""
    for frame in frames():
        if _is_of_the_application(frame.f_code.co_filename, suite_dir()):
            return shown_place(frame.f_code.co_filename, frame.f_lineno)
    return ""


def is_of_the_application(file: str) -> bool:
    """Tell whether a file is the project's own, and none of its tests."""
    return _is_of_the_application(file, suite_dir())


@cache
def _is_of_the_application(file: str, suite: Path) -> bool:
    return _is_of_the_project(file) and not Path(file).is_relative_to(suite)


def raised_at(error: BaseException, *, beside: Path | None = None) -> str:
    """Return `file:line` of the innermost frame of the project that an error came through.

    Args:
        error: The error.
        beside: A folder of the project whose frames do not count, such as that of the tests.
    """
    return next(
        (
            shown_place(file, line)
            for file, line in reversed(_walked(error))
            if _is_of_the_project(file) and not (beside and Path(file).is_relative_to(beside))
        ),
        "",
    )


def place_of(error: BaseException) -> str:
    """Return in brackets the line of the project that an error comes from; empty without one."""
    place = raised_at(error)
    if isinstance(error, SyntaxError) and error.filename:
        # Of a module that was never run.
        place = shown_place(error.filename, error.lineno or 1)
    return f" ({place})" if place else ""


def traceback_of(error: BaseException) -> str:
    """Return the traceback of what an error was raised from, its lines of the project alone."""
    cause = error.__cause__
    if cause is None:
        return ""
    frames = [
        frame
        for frame in traceback.extract_tb(cause.__traceback__)
        if _is_of_the_project(frame.filename)
    ]
    lines = ["", "Traceback (the lines of the project):"]
    lines += [text.rstrip() for text in traceback.format_list(frames)]
    lines += [text.rstrip() for text in traceback.format_exception_only(cause)]
    return "\n".join(lines)


def defined_at(function: Any) -> str:
    """Return `file:line` of a function, below whatever decorates it; empty if it has none."""
    code = getattr(undecorated(function), "__code__", None)
    if code is None:
        return ""
    # Imports may have started from `tests/..`.
    file = os.path.normpath(code.co_filename)
    if is_of_a_library(file):
        return f"{_in_its_package(file)}:{code.co_firstlineno}"
    return shown_place(file, code.co_firstlineno)


def undecorated(function: Any) -> Any:
    """Return the function below whatever decorates it, also where a library leaves no trace of it.

    Args:
        function: A function, or what else can be called.
    """
    below = inspect.unwrap(function)
    for _ in range(MOST_DECORATORS):
        code = getattr(below, "__code__", None)
        if code is None or not is_of_a_library(code.co_filename):
            break
        held = [_held_in(cell) for cell in below.__closure__ or ()]
        inner = [inspect.unwrap(one) for one in held if inspect.isfunction(one)]
        if not inner:
            break
        below = next((one for one in inner if not _is_of_libraries(one)), inner[0])
    return inspect.unwrap(function) if _is_of_libraries(below) else below


def _held_in(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _is_of_libraries(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is None or is_of_a_library(code.co_filename)


def fault_of_the_harness(error: BaseException) -> str:
    """Return what there is to report of an error that only the harness can be behind; else nothing.

    That is a mistake in Python with no line of the project between it and the harness, or one in a
    check that was rendered; for whatever an application does, the harness has errors of its own.
    What tests of the project call, they may call wrongly.
    """
    mistake = _mistake_in(error)
    if _LOST_SAVEPOINT.search(str(error)):
        return _reported(mistake)
    if not _is_mistake(mistake):
        return ""
    files = [file for file, _ in reversed(_walked(error))]
    for file in files:
        if _path_in_harness(file).startswith(DOORS):
            return ""
        if only_passes_on(file):
            continue
        is_ours = _path_in_harness(file) or is_check(file)
        return "" if not is_ours or any(map(_is_own_test, files)) else _reported(mistake)
    return ""


def _reported(mistake: BaseException) -> str:
    return _said_at(mistake, _innermost(mistake))


def _mistake_in(error: BaseException) -> BaseException:
    """Return what an error is about: SQLAlchemy wraps what a value does to the type of a column."""
    kind = type(error)
    is_wrapped = (kind.__module__, kind.__name__) == ("sqlalchemy.exc", "StatementError")
    return (getattr(error, "orig", None) or error) if is_wrapped else error


def _is_mistake(error: BaseException) -> bool:
    kind = type(error)
    if not isinstance(error, Exception) or isinstance(error, NO_MISTAKES):
        return False
    if kind.__name__ in NAMES_OF_NO_MISTAKES or kind.__module__ == "sqlite3":
        return False
    if isinstance(error, AssertionError) and str(error):
        return False
    return kind.__module__.partition(".")[0] in MISUSED


def _walked(error: BaseException) -> list[tuple[str, int]]:
    """Return file and line of each frame that an error came through, the innermost last."""
    parts = [error] if _mistake_in(error) is error else [error, _mistake_in(error)]
    return [
        # Imports may have started from `tests/..`.
        (os.path.normpath(frame.f_code.co_filename), line)
        for part in parts
        for frame, line in traceback.walk_tb(part.__traceback__)
    ]


def only_passes_on(file: str) -> bool:
    """Tell whether a file is called by whoever makes mistakes: a library, or what stands in one."""
    own = _path_in_harness(file)
    return own.startswith(PASSING_ON) or (not own and is_of_a_library(file))


def is_of_the_harness(file: str) -> bool:
    """Tell whether a file is of the engine."""
    return bool(_path_in_harness(file))


def _path_in_harness(file: str) -> str:
    path = Path(file)
    return path.relative_to(HARNESS).as_posix() if path.is_relative_to(HARNESS) else ""


def is_check(file: str) -> bool:
    """Tell whether a file is a check that came with the harness, and no code of the project."""
    return Path(file).parent == suite_dir() / CHECKS


def said_with_place(error: BaseException) -> str:
    """Return what an error says in one line, and where: in the project, or else where it broke."""
    return _said_at(error, raised_at(error) or _innermost(error))


def _innermost(error: BaseException) -> str:
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    file = frame.f_code.co_filename
    if _is_of_the_project(file):
        return shown_place(file, line)
    path = _in_its_package(file)
    return f"{path.removeprefix(f'{HARNESS.parent.as_posix()}/')}:{line}"


def _in_its_package(file: str) -> str:
    """Return the path in its package: where that lies on this machine is of no use to others."""
    return re.sub(r".*(?:site|dist)-packages/", "", Path(file).as_posix())


def _said_at(error: BaseException, place: str) -> str:
    return f"{type(error).__name__}: {first_line(error).rstrip('.')} ({place})"


@cache
def _is_of_the_project(file: str) -> bool:
    return not file.startswith(str(HARNESS)) and not is_of_a_library(file)


def _is_own_test(file: str) -> bool:
    """Tell whether a file is of the project's own tests: what lies beside the checks."""
    is_in_suite = Path(file).is_relative_to(suite_dir())
    return is_in_suite and _is_of_the_project(file) and not is_check(file)


def shown_place(file: str, line: int = 0) -> str:
    """Return `file:line`, relative to the current folder where it lies there; 0 is no line."""
    path, here = Path(os.path.normpath(file)), Path.cwd()
    shown = (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
    return f"{shown}:{line}" if line else shown


def is_of_a_library(file: str) -> bool:
    """Tell whether the file of a frame is an installed one, or none at all."""
    return file.startswith((*LIBRARIES, "<")) or "site-packages" in file
