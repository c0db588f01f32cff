"""Serve the application on a test database, for end-to-end tests of a front end.

It has every scenario of scenarios.py behind an address of its own, which is there in this server
alone: POST /__test__/scenarios/NAME plays one, and POST /__test__/reset begins anew. The lock is on
as it is in tests, and the database is gone when the server ends.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from test_harness.commands.explanations import explain
from test_harness.commands.programs import say
from test_harness.commands.suite import suite_command, variables_for
from test_harness.commands.summary import last_lines
from test_harness.project import project_dir, suite_dir

# Of the plugin, whose room needs pytest.
SERVING, ENDED = "Serving on ", "The server has ended."
HELP = "  POST /__test__/scenarios/NAME plays a scenario, POST /__test__/reset begins anew."
# Whoever serves leaves much behind, and takes as long as it takes.
QUIET = {"TEST_HARNESS_WATCH_LEAKS": "off", "TEST_HARNESS_BUDGETS_OVER": "off"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--scenario", default="", help="a function of scenarios.py to begin with")
    parser.add_argument("--port", type=int, default=8000, help="where it listens; 0 for a free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address that it listens at")


def run(arguments: argparse.Namespace) -> int:
    """Serve until somebody ends it, and return the exit status."""
    command = suite_command(Path(sys.executable), suite_dir())
    command += ["-s", "-p", "test_harness.serving.plugin"]
    command += [f"--serve-host={arguments.host}", f"--serve-port={arguments.port}"]
    command += [f"--serve-scenario={arguments.scenario}"]
    server = subprocess.Popen(
        command,
        cwd=project_dir(),
        env={**os.environ, **variables_for(project_dir(), suite_dir()), **QUIET},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )

    def end(number: int, frame: FrameType | None) -> None:
        # A terminal sends Ctrl-C to both.
        if number != signal.SIGINT:
            server.terminate()

    before = [signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        served, output = _passed_on(server)
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
    if server.wait() == 0:
        return 0
    if not served:
        say("The application cannot be served:")
    for line in explain(output) or last_lines(output):
        say(f"  {line}")
    return 1


def _passed_on(server: subprocess.Popen[str]) -> tuple[bool, str]:
    """Print what the application prints while it is served, and return all that was said.

    What pytest says before and after is for nobody, unless something goes wrong.
    """
    assert server.stdout is not None
    lines: list[str] = []
    served = shown = False
    for line in server.stdout:
        lines.append(line)
        if line.startswith(SERVING):
            served = shown = True
            say(line.rstrip())
            say(HELP)
        elif ENDED in line:
            shown = False
        elif shown:
            say(line.rstrip())
    return served, "".join(lines)
