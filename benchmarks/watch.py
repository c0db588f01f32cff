"""W3: what it costs to look at tests while they run: leaks, the monitor and the order by a seed.

A suite of 1,000 small tests, each of which inserts a user, commits and selects it, runs with and
without them. Runs take turns, and what counts is the median duration of a test, setup to teardown,
as `peers/clock.py` sees it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import Row, at_most, medians
from benchmarks.application import render_around
from benchmarks.isolation import repeated
from tests.worlds import build_tree, clone_template, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["W3"]
GOAL, GOAL_OF_LEAKS = 1.10, 1.05
RUNS = 7
TESTS = 1000

PEERS = Path(__file__).resolve().parent / "peers"
FOLDER = BUILD / "benchmarks" / "watch"
WITHOUT = {"TEST_HARNESS_WATCH_LEAKS": "off", "TEST_HARNESS_BUDGETS_OVER": "off"}
LEAKS = {**WITHOUT, "TEST_HARNESS_WATCH_LEAKS": "warn"}
AS_WRITTEN = ("-p", "no:randomly")


def measure() -> list[Row]:
    """Return a row for the leak detective, and one for all that looks on."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    project = write(clone_template(FOLDER / "template", "99.0.0"))
    ways: list[tuple[Mapping[str, Any], Sequence[str]]] = [
        (WITHOUT, AS_WRITTEN),
        (LEAKS, AS_WRITTEN),
        ({}, ()),
    ]
    for variables, arguments in ways:
        microseconds(python, project, variables, arguments)
    runs = [[microseconds(python, project, *way) for way in ways] for _ in range(RUNS)]
    without, leaks, both = medians(runs)
    rows = []
    for name, taken, index, goal in (
        ("leaks", leaks, 1, GOAL_OF_LEAKS),
        ("leaks, monitor and order", both, 2, GOAL),
    ):
        measured = [one[index] / one[0] for one in runs]
        shown = f"{TESTS} tests looked at for {name} / not ({taken:.0f}/{without:.0f} us)"
        rows.append(at_most("W3-leaks" if index == 1 else "W3-all", shown, measured, goal))
    return rows


def write(template: Path) -> Path:
    """Write the application and its tests."""
    project = FOLDER / "project"
    project.mkdir()
    shutil.copytree(PEERS / "app", project / "app")
    render_around(template, project, "benchmark-watch")
    body = (PEERS / "body_sync.py").read_text(encoding="utf-8")
    test = repeated(body, TESTS, unique=False)
    build_tree(project, {"tests/test_many.py": test})
    return project


def microseconds(
    python: Path, project: Path, variables: Mapping[str, Any], arguments: Sequence[str]
) -> float:
    """Run the suite and return the median duration of a test."""
    file = project / "durations.json"
    run(
        python, "-m", "pytest", "-q", "-p", "clock", *arguments, "tests/test_many.py",
        cwd=project,
        CLOCK_FILE=str(file),
        DATABASE_URL="sqlite+pysqlite:///:memory:",
        PYTHONPATH=f"{project}{os.pathsep}{PEERS}",
        TABLES="10",
        **variables,
    )  # fmt: skip
    durations: list[float] = json.loads(file.read_text(encoding="utf-8"))
    return statistics.median(durations)
