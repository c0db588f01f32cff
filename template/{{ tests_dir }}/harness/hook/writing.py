"""Has factories written for the models of an application that the harness has just come to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from environments import Environment
from explanations import explain
from suite import suite_command


def write_factories(
    environment: Environment, project: Path, tests_dir: Path, say: Callable[[str], None]
) -> None:
    """Write factories, unless there are some; tests do without where that fails.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        say: Called with what there is to tell.
    """
    if (tests_dir / "factories.py").exists() or (tests_dir / "factories").exists():
        return
    done = subprocess.run(
        [*suite_command(environment, tests_dir), "-q", "-s", "--write-factories"],
        cwd=project,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        say(done.stdout.strip())
        return
    say("Factories were not written; tests read the models each time until `make factories` does:")
    for line in explain(done.stdout):
        say(f"  {line}")
