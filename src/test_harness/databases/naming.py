"""What databases of a run are called, so that two runs and two workers never meet."""

from __future__ import annotations

import os
import re
import socket
import uuid
from dataclasses import dataclass

PREFIX = "test_harness"


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
        parts = [PREFIX, project, self.run, self.worker, purpose]
        return "_".join(part for part in parts if part)

    def owner(self) -> str:
        """Return the mark that a database carries: who made it, so that left-overs can be told."""
        return f"{PREFIX} host={socket.gethostname()} pid={os.getpid()}"


def is_left_over(mark: str | None) -> bool:
    """Return whether a mark names a process of this machine that is no longer there."""
    match = re.fullmatch(rf"{PREFIX} host=(\S+) pid=(\d+)", mark or "")
    if match is None or match[1] != socket.gethostname():
        return False
    try:
        os.kill(int(match[2]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
