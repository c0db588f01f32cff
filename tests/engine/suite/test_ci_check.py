"""What passes only here is found in a run as CI has it, with what makes it so."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from test_harness.suite.ci.conditions import (
    ENVIRONMENT,
    FOLDER,
    ORDER,
    WORKERS,
    ZONE,
    Condition,
    environment_of,
)
from test_harness.suite.ci.differing import Ended, only_here
from tests.worlds import build_tree, git, run

TESTS = """\
import os
import socket
import time
from pathlib import Path

HERE = Path(__file__).parent
made = []


def test_everywhere():
    assert HERE.name == "tests"


def test_fails_here_too():
    assert made == ["never"]


def test_checkout():
    assert (HERE / "data.json").read_text() == "{}"


def test_environment():
    assert os.environ["ONLY_HERE"] == "yes"


def test_folder():
    assert Path("tests").is_dir()


def test_zone():
    assert time.timezone == 0


def test_network():
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=0.01)
    except OSError as error:
        assert "no network" not in str(error)


def test_limits():
    assert len(os.sched_getaffinity(0)) > 1


def test_workers():
    assert "PYTEST_XDIST_WORKER" not in os.environ


def test_writes():
    (HERE / "left.txt").write_text("left")


def test_order_1():
    made.append(1)
    assert made == [1]


def test_order_2():
    assert made == [1]
"""


@pytest.mark.runs
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinities")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core is no fewer than all")
def test_each_test_that_minds_is_named_with_its_condition(tmp_path: Path) -> None:
    project = build_tree(
        tmp_path / "project",
        {
            "pytest.ini": "[pytest]\naddopts = -p no:asyncio\ntestpaths = tests\n",
            ".gitignore": "*.json\n__pycache__/\n",
            "tests/test_it.py": TESTS,
            "tests/data.json": "{}",
        },
    )
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "all")
    done = run(
        sys.executable, "-m", "test_harness", "ci-check", "--json", cwd=project, check=False,
        PYTHONPATH=os.pathsep.join(sys.path), ONLY_HERE="yes", TZ="UTC",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    report = json.loads(done.stdout[done.stdout.index("{") :])
    found = {one["test"].rpartition("::test_")[2]: one["conditions"] for one in report["only_here"]}
    # Whether two workers part it from the one before it is theirs to say.
    assert set(found.pop("order_2")) - {"workers"} == {"order"}
    assert found == {
        name: [name]
        for name in ("checkout", "environment", "folder", "zone", "network", "limits", "workers")
    }
    assert (report["tests"], report["failed"]) == (12, 1)
    assert report["written"] == ["tests/left.txt"]
    # Nothing is left here but what the tests leave themselves.
    assert sorted(path.name for path in (project / "tests").iterdir()) == [
        "data.json", "left.txt", "test_it.py",
    ]  # fmt: skip


def ended(**outcomes: str) -> Ended:
    """Return how tests ended, by their names."""
    return {f"t.py::{name}": (outcome, "") for name, outcome in outcomes.items()}


def test_one_run_is_enough_where_nothing_minds() -> None:
    asked = []

    def runs(conditions: tuple[Condition, ...], tests: tuple[str, ...]) -> Ended:
        asked.append((conditions, tests))
        return ended(a="passed", b="failed")

    assert only_here(ended(a="passed", b="failed"), (ZONE, ORDER), runs)[1] == []
    assert asked == [((ZONE, ORDER), ())]


def test_only_tests_that_mind_are_run_again_and_all_where_others_matter() -> None:
    asked = []

    def runs(conditions: tuple[Condition, ...], tests: tuple[str, ...]) -> Ended:
        asked.append(([one.name for one in conditions], tests))
        bad = "failed" if ZONE in conditions else "passed"
        return ended(a="passed", b=bad)

    _, [found] = only_here(ended(a="passed", b="passed"), (ZONE, FOLDER, ORDER), runs)
    assert (found.test, found.conditions) == ("t.py::b", (ZONE,))
    alone = ("t.py::b",)
    assert asked[1:] == [([], alone), (["zone"], alone), (["folder"], alone), (["order"], ())]


def test_what_fails_alone_is_blamed_on_nothing_else_that_differs() -> None:
    def runs(conditions: tuple[Condition, ...], tests: tuple[str, ...]) -> Ended:
        return ended(b="failed" if tests or ORDER in conditions else "passed")

    _, [found] = only_here(ended(b="passed"), (ZONE, FOLDER, ORDER), runs)
    assert found.conditions == (ORDER,)


@pytest.mark.parametrize(
    ("here", "there", "names"),
    [
        ("passed", "skipped", ["t.py::a"]),
        ("skipped", "skipped", []),
        ("failed", "error", []),
        ("passed", "error", ["t.py::a"]),
    ],
)
def test_what_is_left_out_there_is_lost(here: str, there: str, names: list[str]) -> None:
    _, found = only_here(ended(a=here), (WORKERS,), lambda *_: ended(a=there))
    assert [one.test for one in found] == names


def test_a_clean_environment_has_what_ci_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("SECRET", "mine")
    found = environment_of((ENVIRONMENT,), tmp_path)
    assert found["TEST_DATABASE_URL"] == "sqlite://"
    assert found["PATH"] == os.environ["PATH"]
    assert "SECRET" not in found
    assert found["HOME"] == str(tmp_path)
    assert environment_of((), tmp_path) == dict(os.environ)


def test_outside_of_git_it_says_what_is_missing(tmp_path: Path) -> None:
    build_tree(
        tmp_path, {"pytest.ini": "[pytest]\n", "test_it.py": "def test_x():\n    assert 1\n"}
    )
    done = run(
        sys.executable, "-m", "test_harness", "ci-check", cwd=tmp_path, check=False,
        PYTHONPATH=os.pathsep.join(sys.path),
    )  # fmt: skip
    assert done.returncode == 2
    assert "CI checks out what is committed: make the project a repository of git." in done.stdout
