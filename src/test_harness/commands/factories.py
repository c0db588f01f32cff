"""Write factories for models that have none, and show what is out of date."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from test_harness.commands.explanations import explain
from test_harness.commands.suite import suite_command
from test_harness.commands.summary import last_lines
from test_harness.project import FACTORIES, project_dir, suite_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing to say."""


def run(arguments: argparse.Namespace) -> int:
    """Have pytest, under whose configuration the application is found, write them."""
    command = suite_command(Path(sys.executable), suite_dir())
    return subprocess.run(
        [*command, "-q", "-s", "--write-factories"], cwd=project_dir(), check=False
    ).returncode


def has_factories(tests_dir: Path) -> bool:
    """Tell whether the folder of the harness has factories already.

    Args:
        tests_dir: The folder of the harness.
    """
    names = (FACTORIES, f"harness_{FACTORIES}")
    return any((tests_dir / f"{name}{end}").exists() for name in names for end in ("", ".py"))


def say_not_written(output: str, say: Callable[[str], None]) -> None:
    """Say that there are no factories, which tests do without, and why.

    Args:
        output: What the run printed that was to write them.
        say: Called with each line.
    """
    say("Factories were not written; tests read the models each time until `make factories` does:")
    for line in explain(output) or last_lines(output):
        say(f"  {line}")
