"""Has the harness look at whether what it knows about the application is true."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from test_harness.commands.installing import Environment
from test_harness.commands.programs import seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import run_plugin, suite_command


@dataclass(frozen=True)
class Findings:
    """How the findings turned out; the table is empty if pytest did not come as far as that."""

    right: bool
    table: str
    output: str


def look(environment: Environment, project: Path, tests_dir: Path) -> Findings:
    """Look at every finding in the project's environment, under the lock.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
    """
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "findings.txt"
        command = suite_command(environment.python, tests_dir)
        command.append(f"--findings={table}")
        limit = seconds_for("run")
        ended = run_plugin(command, "findings.table", limit, project=project, tests_dir=tests_dir)
        text = table.read_text(encoding="utf-8") if table.exists() else ""
    output = said_with_reason(ended, "The look at the application", limit)
    return Findings(ended.status == 0, text, output)
