"""Say what the last measured run reached: of all code, of each layer, and of critical files.

What is meant stands in [targets] of harness.toml. It reads `coverage.xml`, which `make test-cov`
writes, and ends with 1 where less was reached than is meant, with the files and their lines.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from test_harness.errors import HarnessError
from test_harness.project import project_dir

if TYPE_CHECKING:
    from test_harness.suite.coverage.gates import Gate

MOST_FILES = 5


class NotMeasuredError(HarnessError):
    """No run was measured."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="coverage.xml, if not that one")
    parser.add_argument(
        "--since", metavar="BRANCH",
        help="look at the lines that have changed since a branch too, with diff-cover",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print it for machines")


def run(arguments: argparse.Namespace) -> int:
    """Compare, and return 0; 1 where less was reached than is meant."""
    from test_harness.settings import settings
    from test_harness.suite.coverage.changed import changed_lines
    from test_harness.suite.coverage.gates import gates
    from test_harness.suite.coverage.report import FILE, read

    path = arguments.report or project_dir() / FILE
    files = read(path)
    if files is None:
        raise NotMeasuredError(f"There is no report in {path}.", "Run `make test-cov` first.")
    targets = settings().targets
    found = [*gates(files, targets)]
    if arguments.since:
        found.append(changed_lines(path, arguments.since, targets.changed))
    if arguments.json:
        print(json.dumps([_data(gate) for gate in found], indent=1))
    else:
        print("\n".join(line for gate in found for line in _said(gate)))
    return 0 if all(gate.is_met for gate in found) else 1


def _said(gate: Gate) -> list[str]:
    from test_harness.suite.coverage.report import ranges

    if gate.reached is None:
        return [f"{gate.name}: nothing was measured of it, {gate.meant} % are meant"]
    said = f"{gate.name}: {gate.reached:g} %, {gate.meant} % are meant"
    if gate.is_met:
        return [said]
    worst = gate.worst
    lines = [f"  {file.path}: lines {ranges(file.missed)}" for file in worst[:MOST_FILES]]
    if more := len(worst) - MOST_FILES:
        lines += [f"  and {more} more files; --json has all of them"] if more > 0 else []
    fix = "  Fix: test what these lines do, or ask for less in [targets] of harness.toml."
    return [f"{said}: too few", *lines, fix]


def _data(gate: Gate) -> dict[str, Any]:
    return {
        "what": gate.name,
        "meant": gate.meant,
        "reached": gate.reached,
        "met": gate.is_met,
        "missed": {file.path: file.missed for file in gate.worst},
    }
