"""Sees what the application does to its surroundings while it is imported and started."""

from __future__ import annotations

import inspect
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from test_harness.lock.callers import HARNESS, frames, is_of_a_library
from test_harness.lock.connections import DATABASE_PORTS
from test_harness.lock.services import double_of_caller, offered
from test_harness.project import project_dir, suite_dir
from test_harness.runtime import schema

SERVICES = {
    25: "smtp",
    389: "ldap",
    465: "smtp",
    587: "smtp",
    636: "ldap",
    5672: "rabbitmq",
    6379: "redis",
    9092: "kafka",
    9200: "elasticsearch",
    11211: "memcached",
    27017: "mongodb",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
DATABASE = "talks to the database"


@dataclass(frozen=True)
class Deed:
    """One thing that the application did.

    Args:
        what: What it did, beginning with a verb.
        where: `file:line` of the project, empty when a library did it in a thread of its own.
        service: What it reached for; empty for files, programs and databases.
        function: The import path of the function to replace in its place; empty if unknown.
        double: What to replace it with, a class of `unittest.mock`.
        offered: Which double of the harness stands for it; empty for none.
    """

    what: str
    where: str = ""
    service: str = ""
    function: str = ""
    double: str = "Mock"
    offered: str = ""

    def __str__(self) -> str:
        return f"{self.where or 'a library'} {self.what}"

    @property
    def fix(self) -> str:
        """How tests can do without it."""
        if self.what == DATABASE:
            return "none is needed here, where it is led to the test database."
        if offer := offered(self.offered):
            return f"{offer}."
        advice = "name another place for it in test.env"
        if not self.function:
            return f"{advice}, or replace in conftest.py the function that does it."
        name = self.service.replace(".", "_").replace("-", "_") or "side_effect"
        return (
            f"{advice}, or put a double in its place in conftest.py:\n"
            '    @pytest.fixture(scope="session", autouse=True)\n'
            f"    def double_of_{name}():\n"
            f"        from unittest.mock import {self.double}\n"
            "        with pytest.MonkeyPatch.context() as patch:\n"
            f'            patch.setattr("{self.function}", {self.double}())\n'
            "            yield"
        )


class Watch:
    """Collects what is done from `begin()` on, each thing once for a line of the project."""

    def __init__(self) -> None:
        self._deeds: dict[tuple[str, str], Deed] = {}

    def begin(self) -> None:
        """Look on from now on: an audit hook cannot be removed."""
        event.listen(Pool, "checkout", lambda *_: self._note(DATABASE))
        sys.addaudithook(self._audit)

    def take(self) -> list[Deed]:
        """Return what was done since the last call."""
        taken = [*self._deeds.values()]
        self._deeds.clear()
        return taken

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.getaddrinfo"}:
            self._address(arguments[1] if event == "socket.connect" else arguments[:2])
        elif event == "open" and (arguments[2] or 0) & WRITING and _is_of_note(arguments[0]):
            self._note(f"writes the file {os.fsdecode(arguments[0])}")
        elif (
            event == "os.mkdir" and not os.path.lexists(arguments[0]) and _is_of_note(arguments[0])
        ):
            self._note(f"makes the folder {os.fsdecode(arguments[0])}")
        elif event == "subprocess.Popen":
            self._note(f"starts the program {Path(os.fsdecode(arguments[0])).name}")

    def _address(self, address: Any) -> None:
        if isinstance(address, (str, bytes)):
            self._note(f"connects to {os.fsdecode(address)}", Path(os.fsdecode(address)).stem)
            return
        host, port = address[0], int(address[1]) if str(address[1]).isdigit() else 0
        if port not in DATABASE_PORTS and port:
            name = SERVICES.get(port, str(host))
            self._note(f"connects to {name} (port {port})", name)

    def _note(self, what: str, service: str = "") -> None:
        stack = [frame for frame in frames() if frame.f_code.co_filename != __file__]
        ours = next((index for index, frame in enumerate(stack) if _is_ours(frame)), 0)
        theirs = [
            index
            for index, frame in enumerate(stack)
            if _is_below(project_dir(), frame, suite_dir())
        ]
        if theirs and (theirs[0] < ours or not ours) and not _builds_the_schema(stack):
            frame = stack[theirs[0]]
            path = Path(frame.f_code.co_filename).relative_to(project_dir()).as_posix()
            where = f"{path}:{frame.f_lineno}"
            called = theirs[1:] and frame.f_code.co_name != "<module>"
            inner = [*stack[: theirs[0]], frame] if called else stack[: theirs[0]]
            offer = double_of_caller() if service else ""
            deed = Deed(what, where, service, *_function(inner), offer)
            self._deeds.setdefault((where, service or what), deed)
        elif service and not theirs and not ours:
            deed = Deed(what, service=service, offered=double_of_caller())
            self._deeds.setdefault(("", service), deed)


def _is_of_note(path: Any) -> bool:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return False
    name = os.fsdecode(path)
    return "__pycache__" not in name and not name.startswith(os.devnull[:5])


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(str(HARNESS)) or _is_below(suite_dir(), frame)


def _is_below(folder: Path, frame: FrameType, but: Path | None = None) -> bool:
    name = frame.f_code.co_filename
    if is_of_a_library(name) or (but and name.startswith(f"{but}{os.sep}")):
        return False
    return name.startswith(f"{folder}{os.sep}")


def _builds_the_schema(stack: list[FrameType]) -> bool:
    """Say whether `env.py` runs for the harness, at the first connection of the application."""
    return any(frame.f_code.co_filename == schema.__file__ for frame in stack)


def _function(stack: list[FrameType]) -> tuple[str, str]:
    """Return the import path of the outermost function of a stack, and what kind of double fits."""
    if not stack:
        return "", "Mock"
    frame = stack[-1]
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)  # from Python 3.11 on
    module = frame.f_globals.get("__name__", "")
    if "<" in name or (name == code.co_name and "self" in frame.f_locals):
        return "", "Mock"
    kind = "AsyncMock" if code.co_flags & inspect.CO_COROUTINE else "Mock"
    return f"{module}.{name}", kind


watch = Watch()
