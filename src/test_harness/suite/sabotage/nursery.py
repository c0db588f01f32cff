"""A process that has imported what takes long, and runs pytest in a copy of itself for each job.

To start Python and import SQLAlchemy and a web framework takes longer than the few tests that come
by a fault. It is started with the names of modules, reads a job from each line of its input, and
says in a line how that ended. Nothing of the project and of its tests is imported before a copy is
made.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

# What is imported before: nothing of it asks who imports it, or when.
LIBRARIES = (
    "sqlalchemy",
    "fastapi",
    "starlette",
    "pydantic",
    "flask",
    "werkzeug",
    "jinja2",
    "litestar",
    "marshmallow",
    "alembic",
    "mako",
    "factory",
    "faker",
    "httpx2",
)
POLL = 0.01
# How long one that is told to end may take to print where it stands, in seconds.
GRACE = 5


def main() -> int:
    """Do one job after the other; in a copy, do the one that it was made for."""
    for name in sys.argv[1:]:
        if name.partition(".")[0] in LIBRARIES:
            with suppress(Exception):
                importlib.import_module(name)
    import pytest

    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(job)
            return int(pytest.main(job["arguments"]))
        print(json.dumps(_waited_for(pid, job["seconds"])), flush=True)
    return 0


def _become(job: dict[str, Any]) -> None:
    """Be what a process of its own would be."""
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(job["variables"])


def _waited_for(pid: int, seconds: float) -> dict[str, Any]:
    """Wait for a copy, and end it when its time is over."""
    end = time.monotonic() + seconds if seconds else float("inf")
    late = False
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return {"status": os.waitstatus_to_exitcode(status), "late": late}
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL if late else signal.SIGABRT)
            late, end = True, time.monotonic() + GRACE
        time.sleep(POLL)


if __name__ == "__main__":
    sys.exit(main())
