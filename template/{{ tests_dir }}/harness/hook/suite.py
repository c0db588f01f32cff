"""Runs the suite as a user would, shows it while it runs, and counts how it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from environments import Environment


@dataclass(frozen=True)
class Outcome:
    """How a run of the suite ended; `status` is pytest's exit status."""

    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float
    output: str

    @property
    def green(self) -> bool:
        """Whether tests ran and none failed."""
        return self.status == 0 and self.passed > 0


def run_suite(environment: Environment, project: Path, tests_dir: Path) -> Outcome:
    """Run pytest in the environment and pass its output through.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
    """
    command = [str(environment.python), "-m", "pytest", "-q", "--no-header"]
    if (tests_dir / "pytest.ini").exists():
        command += [
            "-c",
            f"{tests_dir.name}/pytest.ini",
            "--rootdir",
            tests_dir.name,
            tests_dir.name,
        ]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        began = time.perf_counter()
        output: list[str] = []
        with subprocess.Popen(
            [*command, f"--junit-xml={results}"],
            cwd=project,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                output.append(line)
                sys.stdout.write(line)
                sys.stdout.flush()
        seconds = time.perf_counter() - began
        passed, failed, skipped = _counts(results)
    return Outcome(process.returncode, passed, failed, skipped, seconds, "".join(output))


def _counts(results: Path) -> tuple[int, int, int]:
    if not results.exists():
        return 0, 0, 0
    total = failed = skipped = 0
    for suite in ElementTree.parse(results).getroot().iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped
