"""Has the harness look at whether what it knows about the application is true."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from test_harness.commands.installing import Environment
from test_harness.commands.suite import suite_command, without_traces


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
        command += ["-p", "test_harness.findings.table", f"--findings={table}"]
        done = subprocess.run(
            command,
            cwd=project,
            env={**os.environ, **without_traces(project), "PYTHONPATH": str(tests_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        text = table.read_text(encoding="utf-8") if table.exists() else ""
    return Findings(done.returncode == 0, text, done.stdout)
