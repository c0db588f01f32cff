"""What tests reach of layers, of critical files and of changed lines, in a project that is run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from test_harness.errors import SettingsError
from test_harness.settings.budgets import TargetSettings
from test_harness.suite.coverage.gates import gates
from test_harness.suite.coverage.report import Covered, ranges
from tests.projects import harness_toml
from tests.worlds import ROOT, build_tree, run
from tools.environments import UV

USERS = """\
def find(name):
    if name == "Ada":
        return 1
    found = None
    return found


def forget(name):
    return name
"""
ROUTERS = """\
from app.services.users import find


def show(name):
    return find(name)
"""
TESTS = """\
import threading

from app.routers.users import show


def test_shows():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(show("Ada")))
    thread.start()
    thread.join()
    assert seen == [1]
"""
SETTINGS = (
    harness_toml()
    + """
[targets]
line = 60
branch = 50
"""
)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only test was run, and measured, by two workers."""
    project = build_tree(
        tmp_path_factory.mktemp("measured") / "project",
        {
            "app/__init__.py": "",
            "app/services/__init__.py": "",
            "app/services/users.py": USERS,
            "app/routers/__init__.py": "",
            "app/routers/users.py": ROUTERS,
            "tests/harness.toml": SETTINGS,
            "tests/test_users.py": TESTS,
            "pytest.ini": "[pytest]\npythonpath = .\n",
        },
    )
    options = ["--cov=app", "--cov-branch", "--cov-report=xml", "-n2", "-p", "no:cacheprovider"]
    run(sys.executable, "-m", "pytest", "-q", *options, "tests", cwd=project)
    return project


def coverage(project: Path, *arguments: str, path: str = "", **targets: str) -> tuple[int, str]:
    variables = {f"TEST_HARNESS_TARGETS_{key.upper()}": value for key, value in targets.items()}
    paths = os.pathsep.join(filter(None, [str(ROOT / "src"), path]))
    done = run(
        sys.executable, "-m", "test_harness", "coverage", *arguments,
        cwd=project, check=False, PYTHONPATH=paths, **variables,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_miss_names_the_layer_the_file_and_the_lines(measured: Path) -> None:
    layers = "app/services=85 app/routers=80"
    status, said = coverage(measured, layers=layers)
    assert status == 1
    assert said == (
        "line: 70 %, 60 % are meant\n"
        "branch: 50 %, 50 % are meant\n"
        "app/services: 57.1 %, 85 % are meant: too few\n"
        "  app/services/users.py: lines 4-5, 9\n"
        "  Fix: test what these lines do, or ask for less in [targets] of harness.toml.\n"
        "app/routers: 100 %, 80 % are meant\n"
    )


def test_what_is_critical_is_asked_more(measured: Path) -> None:
    status, said = coverage(measured, "--json", critical_paths="app/services/u*.py")
    assert status == 1
    critical = json.loads(said)[-1]
    assert (critical["what"], critical["meant"], critical["met"]) == ("critical", 95, False)
    assert critical["missed"] == {"app/services/users.py": [4, 5, 9]}


def test_what_is_met_ends_well(measured: Path) -> None:
    status, said = coverage(measured, layers="app/routers=100 app/repositories=90")
    assert status == 0
    assert "app/repositories: nothing was measured of it, 90 % are meant" in said


def test_without_a_report_it_says_how_to_make_one(tmp_path: Path) -> None:
    project = build_tree(tmp_path, {"tests/harness.toml": SETTINGS})
    status, said = coverage(project)
    assert status == 2
    assert "Fix: Run `make test-cov` first." in said


def test_lines_that_changed_are_looked_at_by_diff_cover(measured: Path, tmp_path: Path) -> None:
    status, said = coverage(measured, "--since=HEAD")
    assert status == 2
    assert "Fix: Run `pip install 'test-harness[coverage]'`." in said
    run(
        UV, "pip", "install", "--quiet", "--python", sys.executable, "--no-deps",
        "--target", tmp_path, "diff-cover", "chardet", cwd=tmp_path,
    )  # fmt: skip
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    users = measured / "app/services/users.py"
    users.write_text(USERS.split("\n\n\n", maxsplit=1)[0] + "\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "before"]):
        run(*git, *command, cwd=measured)
    users.write_text(USERS, encoding="utf-8")
    status, said = coverage(measured, "--since=HEAD", path=str(tmp_path))
    assert status == 1
    assert "changed lines: 50 %, 90 % are meant: too few" in said
    assert "  app/services/users.py: lines 9\n" in said
    status, said = coverage(measured, "--since=HEAD", path=str(tmp_path), changed="50")
    assert status == 0
    status, said = coverage(measured, "--since=nowhere", path=str(tmp_path))
    assert status == 2
    assert "diff-cover could not compare with nowhere" in said


@pytest.mark.parametrize("written", ["app/services", "app/services=most", "app=101"])
def test_a_layer_that_is_none_is_named(written: str) -> None:
    with pytest.raises(SettingsError) as refused:
        [*gates([Covered("app/a.py", 1)], TargetSettings(layers=written))]
    assert f"has {written!r}, which is no folder with a number" in str(refused.value)


def test_lines_are_written_as_people_do() -> None:
    assert ranges([9, 4, 5, 6, 12]) == "4-6, 9, 12"
