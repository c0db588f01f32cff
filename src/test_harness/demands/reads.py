"""Which environment variables the application read, where, and whether they were there.

Names are often put together at run time, and libraries read them on behalf of the application, so
that the one place all of them share is looked at: the mapping that `os.environ` is.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from test_harness.lock.callers import HARNESS, frames, is_of_a_library
from test_harness.project import project_dir, suite_dir

# What Python imports goes through these, and what is read in between is the library's own business.
_IMPORTING = "<frozen importlib"
# What libraries ask for on their own account.
_OF_TOOLS = re.compile(
    r"(PYTEST|TEST_HARNESS|PYTHON|PYDANTIC|SQLALCHEMY|COV|COVERAGE|PG[A-Z]+$|DYNACONF_\w*SKIP)\w*"
    r"|\w+_FOR_DYNACONF|PATH|HOME|LANG|LC_\w+|TERM|COLUMNS|NO_COLOR|FORCE_COLOR|TMPDIR|TMP|TEMP"
    r"|SSL_CERT_\w+|\w+_proxy|\w+_PROXY"
)

# These read what the application names; what other libraries read is their own business.
_ON_BEHALF = re.compile(
    r"(attrs?|cattrs|confz|configparser|decouple|dotenv|dynaconf|environ|environs|envparse|everett"
    r"|goodconf|hydra|marshmallow|ntpath|omegaconf|posixpath|prettyconf|pyaml_env|pydantic_settings"
    r"|starlette\.config|string|typed_settings|yaml)(\..*)?"
)
_THROUGH = ("os", "collections.abc", "_collections_abc")
_CALLS = 3
_STAGE = re.compile(r"(?i)(\w+_)?(env|environment|stage|mode|profile)")


@dataclass(frozen=True)
class Read:
    """One variable that was asked for.

    Attributes:
        name: What it is called in the environment.
        file: The module of the project that asked for it.
        line: Where it did.
        missing: Whether it was not set.
        known_as: What the code calls it where that is known and differs: the field of a class.
        own: Whether a library asked for it on its own account, and not on the application's.
        calls: The lines of the project that called for it, as `(file, line)`, the nearest first.
    """

    name: str
    file: str
    line: int
    missing: bool
    known_as: str = ""
    own: bool = False
    calls: tuple[tuple[str, int], ...] = ()

    @property
    def place(self) -> str:
        """`file:line`, from the project's folder on."""
        return shown(self.file, self.line)


def is_stage(name: str) -> bool:
    """Tell whether a variable says where the application runs: for production, for tests."""
    return bool(_STAGE.fullmatch(name))


class Reads:
    """Writes down what is asked for from `begin()` on, in its order."""

    def __init__(self) -> None:
        self.all: list[Read] = []

    def begin(self) -> None:
        """Look on from now on, until the process ends."""
        kind: Any = type(os.environ)
        original = kind.__getitem__

        def recorded(environ: Any, name: str) -> Any:
            try:
                value = original(environ, name)
            except KeyError:
                self._note(name, missing=True)
                raise
            # What goes through all of them asks for none.
            if sys._getframe(1).f_code.co_name != "__iter__":
                self._note(name, missing=False)
            return value

        kind.__getitem__ = recorded

    def _note(self, name: Any, *, missing: bool) -> None:
        if not isinstance(name, str) or _OF_TOOLS.fullmatch(name):
            return
        walked: list[tuple[str, int]] = []
        reader = ""
        for frame in frames():
            file = frame.f_code.co_filename
            if file.startswith(_IMPORTING) or len(walked) > _CALLS:
                break
            if is_of_the_project(file):
                walked.append((file, frame.f_lineno))
            elif not walked and not reader and file != __file__:
                module = str(frame.f_globals.get("__name__"))
                reader = "" if module in _THROUGH else module
        own = bool(reader) and not _ON_BEHALF.fullmatch(reader)
        if walked:
            self.all.append(Read(name, *walked[0], missing, own=own, calls=tuple(walked[1:])))


def is_of_the_project(file: str) -> bool:
    """Tell whether a file is the application's own: no library's, and none of its tests."""
    path = Path(file)
    return not (
        is_of_a_library(file)
        or file.startswith(str(HARNESS))
        or path.is_relative_to(suite_dir())
        or not path.is_relative_to(project_dir())
    )


def shown(file: str, line: int) -> str:
    """Return `file:line`, from the project's folder on."""
    path = Path(file)
    base = project_dir()
    return f"{(path.relative_to(base) if path.is_relative_to(base) else path).as_posix()}:{line}"


def frames_of(error: BaseException) -> list[tuple[FrameType, int]]:
    """Return the frames that an error came through with their lines, the innermost first."""
    found = []
    step = error.__traceback__
    while step is not None:
        found.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    return found[::-1]
