"""Write factories for models that have none, and show what is out of date."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from test_harness.commands.explanations import explain
from test_harness.commands.installing import Environment
from test_harness.commands.programs import run_within, seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import suite_command, without_traces
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
    """Tell whether the folder of the harness has factories already."""
    names = (FACTORIES, f"harness_{FACTORIES}")
    return any((tests_dir / f"{name}{end}").exists() for name in names for end in ("", ".py"))


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
    if has_factories(tests_dir):
        return
    limit = seconds_for("run")
    ended = run_within(
        [*suite_command(environment.python, tests_dir), "-q", "-s", "--write-factories"],
        limit,
        folder=project,
        variables=without_traces(project),
    )
    if ended.status == 0:
        say(ended.output.strip())
        return
    say("Factories were not written; tests read the models each time until `make factories` does:")
    said = said_with_reason(ended, "The writing of factories", limit)
    for line in explain(said) or last_lines(said):
        say(f"  {line}")
