"""Prove that the shards of a suite ran each of its tests once, and make one run of them.

The folder has what each shard left, wherever in it: `test-results.json`, and `.coverage`. The
exit status is 0 where nothing was lost, nothing ran twice, and all is green and covered.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from test_harness.errors import HarnessError
from test_harness.project import project_dir, suite_dir

RESULTS, COVERAGE = "test-results.json", ".coverage"
# Of `coverage report`, whose other statuses are failures.
TOO_LITTLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is to be proven."""
    parser.add_argument("folder", type=Path, help="where the results of the shards lie")
    parser.add_argument("--of", type=int, required=True, metavar="N", help="how many there were")
    parser.add_argument(
        "--durations", type=Path, metavar="FILE", help="write how long each test took"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prove, merge, and say what is wrong."""
    from test_harness.settings import settings
    from test_harness.suite.results import keeping, summary
    from test_harness.suite.results.run import counted
    from test_harness.suite.shards.merging import merged
    from test_harness.suite.shards.proving import problems
    from test_harness.suite.shards.splitting import durations_text

    folder = arguments.folder.resolve()
    runs = [_read(path) for path in sorted(folder.rglob(RESULTS))]
    wrong = list(problems(runs, arguments.of))
    page = ""
    if runs:
        whole = merged(runs, settings().budgets)
        keeping.write_results(whole, project_dir() / RESULTS)
        if arguments.durations:
            keeping.write(arguments.durations, durations_text(whole["tests"]))
        print(f"{len(runs)} of {arguments.of} shards: {counted(whole)}")
        page = summary.markdown(whole)
    if problem := _measured(sorted(folder.rglob(COVERAGE))):
        wrong.append(problem)
    for line in wrong:
        print(line)
    if not wrong:
        print("Each test ran once: none was lost, and none ran twice.")
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        said = "".join(f"- {summary.cell(line)}\n" for line in wrong)
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(f"{said}\n{page}")
    return 1 if wrong else 0


def _read(path: Path) -> Any:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        found, said = {}, f": {error}"
    else:
        said = ""
    if not isinstance(found, dict) or "shard" not in found:
        raise HarnessError(
            f"{path} has no results of a shard{said}.",
            "Have each machine run the suite with `--shard=N/M --results=FILE`.",
        )
    return found


def _measured(files: list[Path]) -> str:
    """Make one measurement of those of the shards; return what is wrong with it."""
    if not files:
        return ""
    configured = f"--rcfile={suite_dir() / 'coverage.ini'}"
    # Those of the shards stay where they are.
    steps: list[list[str]] = [
        ["combine", "--quiet", "--keep", configured, *map(str, files)],
        ["xml", "--quiet", "--fail-under=0", configured],
        ["report", configured],
    ]
    for step in steps:
        command = [sys.executable, "-m", "coverage", *step]
        status = subprocess.run(command, cwd=project_dir(), check=False).returncode
        if status:
            return (
                "Less is covered than the minimum in coverage.ini."
                if step[0] == "report" and status == TOO_LITTLE
                else f"`coverage {step[0]}` failed."
            )
    return ""
