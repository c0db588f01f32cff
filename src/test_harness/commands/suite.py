"""Runs the suite as a user would, shows it while it runs, and counts how it ended."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from test_harness.commands.installing import Environment
from test_harness.commands.programs import run_within, seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.lock.callers import FAULT


@dataclass(frozen=True)
class Outcome:
    """How a run of the suite ended; `status` is pytest's exit status.

    `failures` is what each failed test said, by `module::name`, and `faults` what those said
    that failed for a mistake of the harness itself.
    """

    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float
    output: str
    failures: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether tests ran and none failed."""
        return self.status == 0 and self.passed > 0


def suite_command(python: Path, tests_dir: Path) -> list[str]:
    """Return how pytest is started for the whole suite, under the configuration of the harness."""
    command = [str(python), "-m", "pytest", "-q", "--no-header"]
    if (tests_dir / "pytest.ini").exists():
        # Where no folder is named, pytest loads every conftest.py of folders called test-something.
        command += ["-c", f"{tests_dir.name}/pytest.ini", "--rootdir", tests_dir.name]
        command.append(tests_dir.name)
    return command


def without_traces(project: Path) -> dict[str, str]:
    """Return the variable that keeps Python from leaving bytecode where git would show it.

    Anywhere else it stays, for the next start is some seconds faster where packages are new.

    Args:
        project: The folder pytest starts in.
    """
    try:
        asked = subprocess.run(
            ["git", "check-ignore", "--quiet", "__pycache__/module.pyc"],
            cwd=project,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return {}
    # 128 says that there is no repository.
    return {"PYTHONDONTWRITEBYTECODE": "1"} if asked.returncode == 1 else {}


def run_suite(
    environment: Environment, project: Path, tests_dir: Path, variables: Mapping[str, str]
) -> Outcome:
    """Run pytest in the environment and pass its output through.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        variables: Environment variables for this run.
    """
    command = suite_command(environment.python, tests_dir)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        began = time.perf_counter()
        limit = seconds_for("run")
        ended = run_within(
            [*command, f"--junit-xml={results}"],
            limit,
            folder=project,
            variables={**without_traces(project), **variables},
            heard=_show,
        )
        said = said_with_reason(ended, "The suite", limit)
        seconds = time.perf_counter() - began
        passed, failed, skipped = _counts(results)
        failures, faults = _failures(results), _faults(results)
    return Outcome(ended.status, passed, failed, skipped, seconds, said, failures, faults)


def _show(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def _counts(results: Path) -> tuple[int, int, int]:
    if not results.exists():
        return 0, 0, 0
    total = failed = skipped = 0
    for suite in ElementTree.parse(results).getroot().iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


def _failures(results: Path) -> dict[str, str]:
    if not results.exists():
        return {}
    return {
        _name(case): ((problem.get("message") or "").splitlines() or [problem.tag])[0]
        for case in ElementTree.parse(results).getroot().iter("testcase")
        for problem in (*case.iter("failure"), *case.iter("error"))
    }


def _faults(results: Path) -> dict[str, str]:
    """Return what the plugin noted about failures that only the harness can be behind."""
    if not results.exists():
        return {}
    return {
        _name(case): noted.get("value", "")
        for case in ElementTree.parse(results).getroot().iter("testcase")
        for noted in case.iter("property")
        if noted.get("name") == FAULT
    }


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
