"""What databases of a run are called, so that two runs and two workers never meet."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import socket
import sys
import uuid
from dataclasses import dataclass

PREFIX = "test_harness"
LONGEST_PURPOSE = 11

# How a number names a process: a bit that is always set, 8 of the machine, 22 of the process.
_BITS = 22
_PROCESS = (1 << _BITS) - 1
_MACHINE = 0xFF << _BITS
_MADE_HERE = 1 << 30

# Of the Windows API, for processes.
QUERY_LIMITED_INFORMATION = 0x1000
ACCESS_DENIED = 5


def digest(text: str) -> str:
    """Return a few letters that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class RunName:
    """Project, run and worker of this process."""

    project: str
    run: str
    worker: str

    @classmethod
    def of_this_process(cls, project: str) -> RunName:
        """Return the names of this process; workers of one pytest-xdist run share `run`."""
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
        return cls(project, run[:8], os.environ.get("PYTEST_XDIST_WORKER", "main"))

    def database(self, purpose: str = "") -> str:
        """Return a database name; PostgreSQL takes 63 characters."""
        project = re.sub(r"[^a-z0-9]+", "_", self.project.lower()).strip("_")[:24]
        last = re.sub(r"[^a-z0-9]+", "_", purpose)
        if last != purpose or len(last) > LONGEST_PURPOSE:
            last = f"{last[:5]}_{digest(purpose)[:5]}"
        parts = [PREFIX, project, self.run, self.worker, last]
        return "_".join(part for part in parts if part)

    def number(self) -> int:
        """Return a number that says, like the mark of the owner, which process makes a database.

        It is one that PostgreSQL takes for a limit of connections, which nobody ever reaches.
        """
        return _MADE_HERE | _this_machine() << _BITS | os.getpid() & _PROCESS

    def owner(self) -> str:
        """Return the mark that a database carries: who made it, so that left-overs can be told."""
        namespace = _process_namespace()
        where = f" space={namespace}" if namespace else ""
        return f"{PREFIX} host={socket.gethostname()} pid={os.getpid()}{where}"


def is_left_over(mark: str | None) -> bool:
    """Return whether a mark names a process of this machine that is certainly no longer there.

    Containers may share the name of a host, and count their processes apart.
    """
    match = re.fullmatch(rf"{PREFIX} host=(\S+) pid=(\d+)(?: space=(\S+))?", mark or "")
    if match is None or match[1] != socket.gethostname():
        return False
    if match[3] not in {None, _process_namespace()}:
        return False
    return not _runs(int(match[2]))


def is_half_made(number: int) -> bool:
    """Return whether a number names a process of this machine that is certainly no longer there."""
    is_ours = number & ~(_PROCESS | _MACHINE) == _MADE_HERE
    return (
        is_ours and (number & _MACHINE) >> _BITS == _this_machine() and not _runs(number & _PROCESS)
    )


def _this_machine() -> int:
    known = f"{socket.gethostname()} {_process_namespace()}"
    return int(digest(known), 16) & _MACHINE >> _BITS


def _process_namespace() -> str:
    """Return what tells the processes of this container from those of others; empty if nothing."""
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)  # noqa: PTH116 - a link to what is no file
    except OSError:
        return ""


def _runs(process: int) -> bool:
    if sys.platform == "win32":
        # There the signal 0 is CTRL+C.
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, process)
        if handle:
            kernel.CloseHandle(handle)
        return bool(handle) or kernel.GetLastError() == ACCESS_DENIED
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
