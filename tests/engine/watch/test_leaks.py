"""`test-harness leaks` names tests that depend on each other, and says so of no others."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import ROOT, build_tree, files_of, render, run

# Three ways to leave something behind, each beside its healthy twin.
STATE = """\
import os
import sqlite3
from pathlib import Path

import pytest

SEEN = []


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("database") / "rows.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")
    return path


def count(file):
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT count(*) FROM users").fetchone()[0]


def test_fills():
    SEEN.append(1)


def test_finds_it_empty():
    assert SEEN == []


def test_commits(file):
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO users VALUES ('Ada')")


def test_counts(file):
    assert count(file) == 1


def test_sets_the_mode():
    os.environ["MODE"] = "fast"


def test_has_no_mode():
    assert os.environ.get("MODE") is None


def test_sets_the_mode_and_undoes_it(monkeypatch):
    monkeypatch.setenv("OTHER_MODE", "fast")


def test_has_no_other_mode():
    assert os.environ.get("OTHER_MODE") is None


@pytest.mark.parametrize("name", ["a b", "c::d"])
def test_makes_what_it_needs(tmp_path, name):
    (tmp_path / "file").write_text(name)


def test_is_red():
    raise ValueError("always")


def test_is_not_written_yet():
    pytest.skip("later")
"""
FILE = "tests/api/test_state.py"


def engine(project: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    python = [sys.executable, "-m", "test_harness", *arguments]
    done = run(*python, cwd=project, check=False, PYTHONPATH=str(ROOT / "src"), **variables)
    return done.returncode, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with its own opinions of how pytest runs."""
    return build_tree(
        tmp_path / "project",
        {
            "pytest.ini": "[pytest]\naddopts = -x --ff -p no:asyncio --junit-xml=out.xml --cov=.\n",
            "tests/harness.toml": "",
            FILE: STATE,
        },
    )


def found(printed: str) -> dict[str, Any]:
    return dict(json.loads(printed[printed.index("\n{\n") :]))


def test_three_forms_are_named_in_both_directions_and_nothing_is_written(project: Path) -> None:
    before = files_of(project)
    status, printed = engine(project, "leaks", "--seed=1", "--orders=1", "--json")
    assert status == 1, printed
    report = found(printed)
    pairs = {(one["test"], tuple(one["after"])) for one in report["victims"]}
    assert pairs == {
        (f"{FILE}::test_finds_it_empty", (f"{FILE}::test_fills",)),
        (f"{FILE}::test_has_no_mode", (f"{FILE}::test_sets_the_mode",)),
    }
    brittle = [(one["test"], one["after"]) for one in report["brittle"]]
    assert brittle == [(f"{FILE}::test_counts", [f"{FILE}::test_commits"])]
    assert report["failing"] == {f"{FILE}::test_is_red": "ValueError: always"}
    assert (report["unstable"], report["unexplored"], report["broken"]) == ([], [], {})
    assert (report["tests"], report["isolation"]) == (12, 75.0)
    assert files_of(project) == before


def test_a_healthy_suite_ends_with_its_score(project: Path) -> None:
    kept = ["undoes_it", "has_no_other_mode", "makes_what_it_needs"]
    status, printed = engine(project, "leaks", "--orders=0", FILE, "--", "-k", " or ".join(kept))
    assert status == 0, printed
    assert printed.splitlines()[-1] == "isolation: 100.0 % (4 of 4 tests end alike in every order)"


def test_a_person_is_told_how_to_see_it(project: Path) -> None:
    build_tree(project, {"pytest.ini": "[pytest]\n"})
    chosen = "test_fills or test_finds_it_empty"
    status, printed = engine(project, "leaks", "--orders=0", FILE, "--", "-k", chosen)
    assert status == 1
    assert f"{FILE}::test_finds_it_empty fails after {FILE}::test_fills (assert [1] == [])." in (
        printed
    )
    [line] = [line for line in printed.splitlines() if "See it: " in line]
    command = line.partition("`")[2].rpartition("`")[0]
    assert command.startswith("pytest -p no:randomly ")
    again = run(sys.executable, "-m", *shlex.split(command), cwd=project, check=False)
    assert "1 failed, 1 passed" in again.stdout


def test_a_suite_that_cannot_run_says_why(project: Path) -> None:
    build_tree(project, {FILE: "import no_such_module\n"})
    status, printed = engine(project, "leaks")
    assert status == 2
    assert printed.startswith("seed: ")
    assert "test-harness leaks: pytest came to no test: " in printed
    assert "no_such_module" in printed


def test_what_is_not_there_cannot_be_chosen(project: Path) -> None:
    status, printed = engine(project, "leaks", "tests/nothing.py::test_it")
    assert status == 2
    assert printed == (
        "test-harness leaks: There is no tests/nothing.py here.\n"
        "  Fix: Name a file, a folder, or a test as file.py::test_name.\n"
    )


def test_a_test_that_never_ends_is_ended(project: Path) -> None:
    build_tree(
        project,
        {FILE: "import time\n\n\ndef test_a():\n    time.sleep(99)\n", "pytest.ini": "[pytest]\n"},
    )
    status, printed = engine(project, "leaks", TEST_HARNESS_LIMITS_RUN="5")
    assert status == 0, printed
    assert f"{FILE}::test_a fails in every order, and alone: the process ended in it." in printed


ROWS = """\
import pytest
from sqlalchemy import text


@pytest.fixture(scope="session")
async def kept(engine):
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (name TEXT)"))


async def test_makes_a_table(kept, db):
    assert (await db.execute(text("SELECT count(*) FROM kept"))).scalar() == 0


async def test_finds_no_table(db):
    found = await db.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'kept'"))
    assert found.scalar() == 0


@pytest.mark.journey
class TestJourney:
    steps = []

    async def test_first(self):
        self.steps.append(1)

    async def test_second(self):
        assert self.steps == [1]
"""


@pytest.mark.runs
def test_rows_that_last_are_found_in_a_rendered_project_and_a_journey_is_whole(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-async-sqlite")
    build_tree(project, {"tests/integration/test_rows.py": ROWS})
    rows = "tests/integration/test_rows.py"
    done = run(
        suite_python, "-m", "test_harness", "leaks", "--orders=0", "--most=1", rows,
        cwd=project, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert f"{rows}::test_finds_no_table fails after {rows}::test_makes_a_table (" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "isolation: 75.0 % (3 of 4 tests end alike in every order)"
    )
