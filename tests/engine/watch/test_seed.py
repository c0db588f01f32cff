"""One seed decides on the order of tests and on their values, whoever puts them in order."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.worlds import build_tree, run

# Prints what it draws in its set-up and in its body.
TESTS = """\
import random

import pytest


@pytest.fixture
def drawn():
    return random.random()


class TestGroup:
    @pytest.mark.parametrize("number", range(4))
    def test_it(self, drawn, number):
        print("drew", drawn, random.random())


@pytest.mark.parametrize("number", range(4))
def test_it(drawn, number):
    print("drew", drawn, random.random())
"""

OF_THE_HARNESS = {"pytest.ini": "[pytest]\n", "harness.toml": ""}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {f"test_{name}.py": TESTS for name in "abc"}
    return build_tree(tmp_path / "project", {**OF_THE_HARNESS, **files})


class Run:
    """What a run of pytest printed."""

    def __init__(self, project: Path, path: str, *options: str) -> None:
        # As the harness loads it: after the plugins that are installed.
        plugin = ["-p", "test_harness.watch.order.plugin"]
        done = run(
            sys.executable, "-m", "pytest", "-v", "-rP", *plugin, *options,
            cwd=project, check=False, PYTHONPATH=path,
        )  # fmt: skip
        self.printed = done.stdout
        assert done.returncode == 0, self.printed
        self.seed = re.findall(r"^seed: (\d+)", self.printed, re.MULTILINE)[0]
        self.order = re.findall(r"^(test_\S+) PASSED", self.printed, re.MULTILINE)
        names = re.findall(r"^_+ (\S+) _+$", self.printed, re.MULTILINE)
        self.drawn = list(
            zip(names, re.findall(r"^drew (\S+) (\S+)", self.printed, re.MULTILINE), strict=True)
        )


def written() -> list[str]:
    groups = ("TestGroup::test_it", "test_it")
    return [
        f"test_{name}.py::{group}[{number}]"
        for name in "abc"
        for group in groups
        for number in range(4)
    ]


@pytest.fixture(params=["with_plugins", "without_plugins"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_a_run_is_replayed_by_the_seed_of_its_header(project: Path, path: str) -> None:
    first = Run(project, path)
    assert sorted(first.order) == sorted(written())
    assert first.order != written()
    assert "tests in the order of the seed" in first.printed
    again = Run(project, path, f"--seed={first.seed}")
    assert (again.order, again.drawn) == (first.order, first.drawn)
    assert all(setup != body for _, (setup, body) in first.drawn)
    # A test draws alone what it draws among others.
    alone = Run(project, path, f"--seed={first.seed}", "test_b.py::test_it[2]")
    assert {one for _, one in alone.drawn} < {one for _, one in first.drawn}


def test_without_randomly_tests_run_as_they_are_written(project: Path, path: str) -> None:
    found = Run(project, path, "-p", "no:randomly")
    assert found.order == written()
    assert "tests as they are written" in found.printed


def test_the_tests_that_a_team_had_stay_as_they_are(project: Path, without_plugins: str) -> None:
    (project / "harness").mkdir()
    for name in OF_THE_HARNESS:
        (project / name).rename(project / "harness" / name)
    build_tree(project, {"pyproject.toml": "[tool.pytest.ini_options]\n"})
    found = Run(project, without_plugins)
    assert found.order == written()
    assert "tests as they are written" in found.printed


def test_whatever_draws_by_chance_draws_the_same_again(tmp_path: Path, with_plugins: str) -> None:
    text = (
        "import faker\nimport numpy.random\nfrom polyfactory.constants import DEFAULT_RANDOM\n\n\n"
        "def test_first():\n    numpy.random.random()\n    DEFAULT_RANDOM.random()\n\n\n"
        "def test_it():\n    name = faker.Faker().name().replace(' ', '-')\n"
        "    print('drew', f'{name}-{numpy.random.random()}', DEFAULT_RANDOM.random())\n"
    )
    project = build_tree(tmp_path / "project", {**OF_THE_HARNESS, "test_it.py": text})
    alone = Run(project, with_plugins, "--seed=4", "test_it.py::test_it")
    assert f"drew {' '.join(alone.drawn[0][1])}\n" in Run(project, with_plugins, "--seed=4").printed
    assert Run(project, with_plugins, "--seed=5", "test_it.py::test_it").drawn != alone.drawn


def test_the_options_of_randomly_count(project: Path, with_plugins: str) -> None:
    first = Run(project, with_plugins, "--randomly-seed=5")
    assert first.seed == "5"
    assert "Using --randomly-seed=5" in first.printed
    assert Run(project, with_plugins, "--seed=5").order == first.order
    assert Run(project, with_plugins, "--randomly-seed=last").order == first.order
    assert Run(project, with_plugins, "--randomly-dont-reorganize").order == written()


def test_workers_agree_on_the_order_and_the_values(project: Path, path: str) -> None:
    beside = Run(project, path, "-n2")
    alone = Run(project, path, f"--seed={beside.seed}")
    assert sorted(beside.drawn) == sorted(alone.drawn)
    assert len(beside.drawn) == len(written())


def test_what_passed_only_when_it_was_run_again_is_named(tmp_path: Path, with_plugins: str) -> None:
    text = (
        "tries = []\n\n\ndef test_it():\n    tries.append(1)\n    assert len(tries) > 1\n\n\n"
        "def test_other():\n    pass\n"
    )
    project = build_tree(tmp_path / "project", {**OF_THE_HARNESS, "test_it.py": text})
    found = Run(project, with_plugins, "--reruns=2")
    assert (
        "test harness: 1 tests passed only when they were run again:\n"
        "  test_it.py::test_it\n"
        "  Fix: `test-harness flakes` with these names says what they depend on.\n"
    ) in found.printed
