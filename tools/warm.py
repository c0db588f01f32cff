"""A Python that has imported the libraries of applications, and runs each suite in a fork of it.

Most of what a run of one test costs is their import.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType

from tests.worlds import environment

# Of the applications alone: what the harness brings is loaded by each suite as its users load it.
LIBRARIES = (
    "alembic.command",
    "fastapi",
    "fastapi",
    "flask",
    "flask_sqlalchemy",
    "litestar",
    "pydantic_settings",
    "sqlalchemy.ext.asyncio",
)

_PROGRAM = """
import importlib, json, os, runpy, sys

for name in sys.argv[1:]:
    importlib.import_module(name)
for line in sys.stdin:
    asked = json.loads(line)
    if child := os.fork():
        print(os.waitpid(child, 0), flush=True)
        continue
    for number, path, how in ((0, os.devnull, os.O_RDONLY), (1, asked["output"], os.O_WRONLY)):
        os.dup2(os.open(path, how), number)
    os.dup2(1, 2)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["cwd"])
    # What `python -m` begins with.
    sys.path[0] = os.getcwd()
    # A plugin that the libraries have imported already has no assertions to speak of.
    sys.argv = ["pytest", "-W", "ignore:Module already imported", *asked["arguments"]]
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
"""


class WarmPython:
    """Runs pytest in forks of one process; a context manager that ends the process.

    Args:
        python: The interpreter of the suites' environment.
        output: A file to write to.
    """

    def __init__(self, python: Path, output: Path) -> None:
        self._output = output
        self._process = subprocess.Popen(
            [python, "-c", _PROGRAM, *LIBRARIES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            encoding="utf-8",
        )

    def __enter__(self) -> WarmPython:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._process.communicate()

    def pytest(self, *arguments: str, cwd: Path) -> str:
        """Run pytest in a folder, and return what it printed.

        Raises:
            RuntimeError: The process is gone.
        """
        self._output.write_bytes(b"")
        asked = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": environment(),
            "output": str(self._output),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        if not self._process.stdout.readline():
            raise RuntimeError("The process that runs the suites has ended.")
        return self._output.read_text(encoding="utf-8")
