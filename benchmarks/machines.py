"""X1 and X2: what a second worker saves, and how evenly shards are dealt out.

X1: a suite of 1,000 tests, each of which keeps the processor for 5 ms, runs alone and with two
workers; whole processes of pytest that take turns, once with the harness and once without, for
what two workers cannot save is the same for all. X2: a suite of many short tests, some long ones
and steps that stay together is dealt out to 8 machines by the durations of a run before, and each
shard runs; what counts is what its tests took, setup to teardown, as `peers/clock.py` sees it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from benchmarks import Row, at_least, at_most, medians
from benchmarks.application import render_around
from tests.worlds import build_tree, clone_template, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["X1", "X2"]
GOAL_OF_WORKERS, GOAL_OF_SHARDS = 1.7, 1.1
RUNS = 5
TESTS = 1000
SHARDS = 8

PEERS = Path(__file__).resolve().parent / "peers"
FOLDER = BUILD / "benchmarks" / "machines"

BUSY = """\
import time

import pytest

import app.main  # noqa: F401 - any suite of a web application has it loaded


@pytest.mark.parametrize("number", range({tests}))
def test_busy(number: int) -> None:
    until = time.process_time() + 0.005
    while time.process_time() < until:
        pass
"""
# However busy a machine is, a test that sleeps takes as long as it is told to.
UNEVEN = """\
import time

import pytest

SHORT = [0.002 * (1 + number % 7) for number in range(300)]
LONG = [0.05 * (1 + number % 5) for number in range(20)]


@pytest.mark.parametrize("seconds", SHORT)
def test_short(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.parametrize("seconds", LONG)
def test_long(seconds: float) -> None:
    time.sleep(seconds)
"""
JOURNEY = """\


@pytest.mark.journey
class TestJourney{number}:
    def test_begins(self) -> None:
        time.sleep(0.02)

    def test_goes_on(self) -> None:
        time.sleep(0.04)

    def test_ends(self) -> None:
        time.sleep(0.01)
"""


def measure(wanted: Collection[str]) -> list[Row]:
    """Return the rows."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    ours, plain = FOLDER / "harness", FOLDER / "plain"
    shutil.copytree(PEERS / "plain_sync", plain)
    for folder in (ours, plain):
        shutil.copytree(PEERS / "app", folder / "app")
    render_around(clone_template(FOLDER / "template", "99.0.0"), ours, "benchmark-machines")
    uneven = UNEVEN + "".join(JOURNEY.format(number=number) for number in range(6))
    tests = {"tests/test_busy.py": BUSY.format(tests=TESTS)}
    build_tree(ours, {**tests, "tests/test_uneven.py": uneven})
    build_tree(plain, {**tests, "pytest.ini": "[pytest]\naddopts = -p no:asyncio\n"})
    rows = []
    if "X1" in wanted:
        rows.append(of_workers(python, ours, plain))
    if "X2" in wanted:
        rows.append(of_shards(python, ours))
    return rows


def of_workers(python: Path, ours: Path, plain: Path) -> Row:
    """Return how many times as long a suite takes alone as with two workers."""
    ways = [(folder, workers) for folder in (ours, plain) for workers in ((), ("-n", "2"))]
    for folder, workers in ways:
        seconds(python, folder, *workers)
    runs = [[seconds(python, folder, *workers) for folder, workers in ways] for _ in range(RUNS)]
    alone, two, *_ = medians(runs)
    bare = statistics.median(plain_alone / plain_two for _, _, plain_alone, plain_two in runs)
    name = (
        f"{TESTS} tests of 5 ms alone / with two workers ({alone:.1f}/{two:.1f} s; "
        f"without the harness {bare:.2f})"
    )
    return at_least("X1", name, [one / other for one, other, *_ in runs], GOAL_OF_WORKERS)


def seconds(python: Path, folder: Path, *arguments: str) -> float:
    """Run the suite of busy tests and return how many seconds the whole process took."""
    began = time.perf_counter()
    pytest_of(python, folder, "tests/test_busy.py", *arguments)
    return time.perf_counter() - began


def of_shards(python: Path, folder: Path) -> Row:
    """Return what the slowest shard takes, as a multiple of what one takes in the mean."""
    suite = "tests/test_uneven.py"
    pytest_of(python, folder, suite, "--results=results.json")
    run(python, "-m", "test_harness", "durations", "results.json", cwd=folder)
    measured, slowest = [], []
    for _ in range(RUNS):
        taken = []
        for number in range(1, SHARDS + 1):
            clock = folder / "clock.json"
            pytest_of(
                python, folder, suite, f"--shard={number}/{SHARDS}", "-p", "clock",
                CLOCK_FILE=str(clock),
            )  # fmt: skip
            taken.append(sum(json.loads(clock.read_text(encoding="utf-8"))) / 1_000_000)
        slowest.append(max(taken))
        measured.append(max(taken) / statistics.mean(taken))
    name = f"the slowest of {SHARDS} shards / the mean ({statistics.median(slowest):.2f} s)"
    return at_most("X2", name, measured, GOAL_OF_SHARDS)


def pytest_of(python: Path, folder: Path, *arguments: str, **variables: Any) -> None:
    """Run pytest over a suite."""
    run(
        python, "-m", "pytest", "-q", *arguments,
        cwd=folder,
        DATABASE_URL="sqlite+pysqlite:///:memory:",
        PYTHONPATH=f"{folder}{os.pathsep}{PEERS}",
        TABLES="10",
        **variables,
    )  # fmt: skip
