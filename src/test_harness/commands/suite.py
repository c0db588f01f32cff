"""Runs the suite as a user would, shows it while it runs, and counts how it ended."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from test_harness.commands.installing import Environment
from test_harness.commands.programs import Ended, run_within, seconds_for
from test_harness.commands.results import Failure, Results, read_results
from test_harness.commands.stacks import said_with_reason
from test_harness.git import git
from test_harness.project import collected_folders

Runner = Callable[..., Ended]
"""What runs pytest as `run_plugin` does."""


@dataclass(frozen=True)
class Outcome:
    """How a run of the suite ended; `status` is pytest's exit status, or a signal as a negative.

    `results` is None where pytest did not come as far as to write them.
    """

    status: int
    seconds: float
    output: str
    results: Results | None

    @property
    def green(self) -> bool:
        """Whether tests ran and none failed."""
        return self.status == 0 and self.results is not None and self.results.passed > 0

    @property
    def failures(self) -> Mapping[str, Failure]:
        """Why tests failed, by their names."""
        return self.results.failures if self.results else {}

    @property
    def faults(self) -> list[str]:
        """What there is to report of failures that only the harness can be behind."""
        return [one.fault for one in self.failures.values() if one.fault]


def suite_command(python: Path, tests_dir: Path, *chosen: str) -> list[str]:
    """Return how pytest is started under the configuration of the harness.

    Args:
        python: The interpreter.
        tests_dir: The folder of the harness.
        chosen: What is run; the whole suite when nothing is named.
    """
    command = [str(python), "-m", "pytest", "-q", "--no-header"]
    if not (tests_dir / "pytest.ini").exists():
        return [*command, *chosen]
    command += ["-c", f"{tests_dir.name}/pytest.ini", "--rootdir", tests_dir.name]
    # Where no folder is named, pytest loads every conftest.py of folders called test-something.
    return [*command, *(chosen or collected_folders(tests_dir))]


def run_plugin(
    command: Sequence[str],
    plugin: str,
    seconds: float,
    *,
    project: Path,
    tests_dir: Path,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run pytest with a plugin of the harness, and keep what it prints.

    Args:
        command: How pytest is started, with the options of the plugin.
        plugin: The plugin, a module of the engine; a copy in the folder of the tests is found.
        seconds: How long it may take; 0 is for ever.
        project: The folder it starts in.
        tests_dir: The folder of the harness.
        variables: Environment variables for this run.
    """
    return run_within(
        [*command, "-p", f"test_harness.{plugin}"],
        seconds,
        folder=project,
        variables={**variables_for(project, tests_dir), **(variables or {})},
    )


def variables_for(project: Path, tests_dir: Path) -> dict[str, str]:
    """Return the variables of a run with a plugin of the harness.

    Args:
        project: The folder it starts in.
        tests_dir: The folder of the harness, in which a copy of the engine is found.
    """
    folders = [str(tests_dir), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**without_traces(project), "PYTHONPATH": os.pathsep.join(folders)}


def with_engine(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variable by which a child imports this engine, wherever it lies.

    Args:
        environment: What it has besides.
    """
    folder = str(Path(__file__).resolve().parents[2])
    return {"PYTHONPATH": os.pathsep.join(filter(None, [folder, environment.get("PYTHONPATH")]))}


def without_traces(project: Path) -> dict[str, str]:
    """Return the variable that keeps Python from leaving bytecode where git would show it.

    Anywhere else it stays, for the next start is some seconds faster where packages are new.

    Args:
        project: The folder pytest starts in.
    """
    asked = git(project, "check-ignore", "--quiet", "__pycache__/module.pyc")
    # 128 says that there is no repository.
    return {"PYTHONDONTWRITEBYTECODE": "1"} if asked.returncode == 1 else {}


def run_suite(
    environment: Environment,
    project: Path,
    tests_dir: Path,
    options: Sequence[str],
) -> Outcome:
    """Run pytest in the environment and pass its output through.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        options: What is given to pytest besides.
    """
    command = suite_command(environment.python, tests_dir)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        began = time.perf_counter()
        limit = seconds_for("run")
        ended = run_within(
            [*command, *options, f"--junit-xml={results}"],
            limit,
            folder=project,
            variables=without_traces(project),
            heard=_show,
        )
        said = said_with_reason(ended, "The suite", limit)
        seconds = time.perf_counter() - began
        return Outcome(ended.status, seconds, said, read_results(results))


def _show(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
