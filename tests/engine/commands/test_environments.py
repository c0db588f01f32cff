"""The project's environment is found where teams keep it, and made where there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from test_harness.commands import environments
from test_harness.commands.installing import UNFINISHED, Environment
from test_harness.commands.own_files import home_of, manager_of
from test_harness.commands.programs import SetupError
from test_harness.commands.requirements import Requirements
from tests.worlds import build_tree, run


def asks_for(project: Path, text: str) -> Requirements:
    """Write the test requirements of a project."""
    build_tree(project, {"tests/requirements.txt": text})
    return Requirements(project / "tests" / "requirements.txt")


def make_environment(folder: Path) -> Path:
    """Lay down what tells an environment, without an interpreter that works."""
    build_tree(folder, {"bin/python": ""})
    return folder


@pytest.fixture
def without_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    project = tmp_path / "bare"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def test_dot_venv_is_used_before_all_others(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_environment(without_environment / ".venv")
    make_environment(without_environment / "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(make_environment(without_environment / "active")))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (first / "bin" / "python", False)


def test_venv_is_used_before_the_active_environment(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_environment(without_environment / "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(make_environment(without_environment / "active")))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (second / "bin" / "python", False)


def test_the_active_environment_is_used_before_one_is_made(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = make_environment(without_environment / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (active / "bin" / "python", False)


def test_the_environment_of_copier_itself_is_never_used(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (without_environment / ".venv" / "bin" / "python", True)


def test_an_update_tells_the_hook_which_environment_it_was_called_in(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = make_environment(without_environment / "chosen")
    monkeypatch.setenv(environments.CHOSEN, str(chosen))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (chosen / "bin" / "python", False)
    assert environments.CHOSEN not in os.environ


@pytest.mark.parametrize("is_installed", [True, False])
def test_by_hand_the_environment_of_the_engine_is_used_and_not_that_of_a_copy(
    without_environment: Path, monkeypatch: pytest.MonkeyPatch, is_installed: bool
) -> None:
    own = make_environment(without_environment.parent / "own")
    monkeypatch.setattr(environments, "checkout", lambda: None)
    monkeypatch.setattr(sys, "prefix", str(own))
    home = own / "lib" if is_installed else without_environment / "tests"
    monkeypatch.setattr(environments, "PACKAGE", home / "test_harness")
    assert environments._active() == (own if is_installed else None)


@pytest.mark.parametrize(
    ("repository", "needs", "is_used"),
    [("..", "..", True), ("..", ".", False), (".", "..", False)],
    ids=["above", "needs of its own", "a repository of its own"],
)
def test_the_environment_of_the_repository_is_used_where_it_says_what_is_needed(
    without_environment: Path, repository: str, needs: str, is_used: bool
) -> None:
    (without_environment / repository / ".git").mkdir()
    (without_environment / needs / "pyproject.toml").touch()
    above = make_environment(without_environment.parent / ".venv")
    found = environments.find_or_make(without_environment, print)
    assert (found.python == above / "bin" / "python") is is_used
    assert found.made is not is_used


@pytest.mark.parametrize(
    ("files", "home"),
    [
        (["uv.lock", "pyproject.toml", "bare/pyproject.toml"], ".."),
        (["uv.lock", "bare/pyproject.toml", "bare/poetry.lock"], "."),
        (["uv.lock", "bare/requirements.txt"], "."),
        (["pyproject.toml"], ".."),
        (["pyproject.toml", "bare/pyproject.toml"], "."),
        ([], "."),
    ],
    ids=["workspace", "own lock", "requirements", "above", "no lock", "nothing"],
)
def test_what_the_application_needs_may_be_said_above_it(
    without_environment: Path, files: list[str], home: str
) -> None:
    build_tree(without_environment.parent, {**dict.fromkeys(files, ""), ".git/HEAD": ""})
    assert home_of(without_environment) == (without_environment / home).resolve()


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        ({"pyproject.toml": "[project]\n"}, "uv"),
        ({"pyproject.toml": "[tool.poetry]\npackage-mode = false\n"}, "poetry"),
        ({"pyproject.toml": "[project]\n# Was [tool.poetry] once.\n"}, "uv"),
        ({"pyproject.toml": "[project]\n", "poetry.lock": ""}, "poetry"),
        ({"pyproject.toml": "[tool.poetry]\n", "requirements.txt": ""}, "pip"),
        ({}, ""),
    ],
)
def test_who_manages_the_packages_is_seen_without_a_lock_too(
    without_environment: Path, files: dict[str, str], manager: str
) -> None:
    build_tree(without_environment, {**files, ".git/HEAD": ""})
    assert manager_of(without_environment) == manager


def test_without_an_environment_uv_makes_one(without_environment: Path) -> None:
    found = environments.find_or_make(without_environment, print)
    assert found.made
    assert "uv = " in (without_environment / ".venv" / "pyvenv.cfg").read_text()
    run(found.python, "-c", "", cwd=without_environment)


def test_without_uv_an_environment_is_made_all_the_same(
    without_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = environments.find_or_make(without_environment, print)
    assert found.made
    run(found.python, "-m", "pip", "--version", cwd=without_environment)


def test_an_environment_that_was_left_unfinished_is_finished(without_environment: Path) -> None:
    environments.find_or_make(without_environment, print)
    assert environments.find_or_make(without_environment, print).made


def test_a_finished_environment_is_left_as_it_is(without_environment: Path) -> None:
    requirements = asks_for(without_environment, "pip>=1\n")
    environments.find_or_make(without_environment, print).install(requirements, print)
    assert not environments.find_or_make(without_environment, print).made


@pytest.fixture
def with_old_package(without_environment: Path) -> Path:
    """A project whose environment has a package in a version that is not the newest."""
    environments.find_or_make(without_environment, print)
    (without_environment / ".venv" / UNFINISHED).unlink()
    python = without_environment / ".venv" / "bin" / "python"
    run("uv", "pip", "install", "--python", python, "iniconfig==2.0.0", cwd=without_environment)
    return without_environment


def installed(project: Path) -> list[str]:
    python = project / ".venv" / "bin" / "python"
    return run("uv", "pip", "freeze", "--python", python, cwd=project).stdout.splitlines()


def test_missing_requirements_are_installed_beside_what_is_there(with_old_package: Path) -> None:
    requirements = asks_for(with_old_package, "iniconfig>=2\npluggy>=1,<1.6\n")
    found = environments.find_or_make(with_old_package, print)
    found.install(requirements, print)
    assert installed(with_old_package) == ["iniconfig==2.0.0", "pluggy==1.5.0"]


def on_top_of(project: Path) -> tuple[Path, Requirements]:
    """Install what does not go with the project; return the interpreter and the requirements."""
    requirements = asks_for(project, "iniconfig>=2.1\n")
    found = environments.find_or_make(project, print)
    return found.install(requirements, print).python, requirements


def test_a_requirement_never_changes_an_installed_version(with_old_package: Path) -> None:
    on_top_of(with_old_package)
    assert installed(with_old_package) == ["iniconfig==2.0.0"]


def test_what_does_not_go_with_the_project_goes_on_top_of_it(with_old_package: Path) -> None:
    project_python = with_old_package / ".venv" / "bin" / "python"
    run("uv", "pip", "install", "--python", project_python, "pluggy==1.5.0", cwd=with_old_package)
    python, _ = on_top_of(with_old_package)
    code = "from importlib.metadata import version as v; print(v('iniconfig') > '2.0', v('pluggy'))"
    assert run(python, "-c", code, cwd=with_old_package).stdout == "True 1.5.0\n"
    assert python == with_old_package / "tests" / ".venv" / "bin" / "python"


def test_what_has_to_be_newer_on_top_brings_no_other_sqlalchemy(with_old_package: Path) -> None:
    project_python = with_old_package / ".venv" / "bin" / "python"
    old = ["sqlalchemy==2.0.40", "pygments==2.10.0"]
    run("uv", "pip", "install", "--python", project_python, *old, cwd=with_old_package)
    # What is asked for asks for newer Pygments, whatever is installed.
    requirements = asks_for(with_old_package, "iniconfig>=2.1\nrich>=14\nsqlalchemy>=2.0\n")
    found = environments.find_or_make(with_old_package, print)
    python = found.install(requirements, print).python
    code = "from importlib.metadata import version as v; print(v('pygments'), v('sqlalchemy'))"
    pygments, sqlalchemy = run(python, "-c", code, cwd=with_old_package).stdout.split()
    assert (pygments != "2.10.0", sqlalchemy) == (True, "2.0.40")


def test_the_environment_on_top_is_found_again(
    with_old_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, requirements = on_top_of(with_old_package)
    monkeypatch.setenv("PATH", "")
    said: list[str] = []
    again = environments.find_or_make(with_old_package, print).install(requirements, said.append)
    assert (again.python, said) == (python, [])


def test_a_failure_that_is_no_conflict_is_told(with_old_package: Path) -> None:
    requirements = asks_for(with_old_package, "pluggy @ file:///nowhere.whl\n")
    found = environments.find_or_make(with_old_package, print)
    with pytest.raises(SetupError, match="nowhere"):
        found.install(requirements, print)


def test_satisfied_requirements_need_no_installer(
    with_old_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = asks_for(with_old_package, "iniconfig>=1.9\n")
    said: list[str] = []
    monkeypatch.setenv("PATH", "")
    environments.find_or_make(with_old_package, print).install(requirements, said.append)
    assert said == []


# An interpreter of 3.8, which has nothing of what the tests need.
OLD_PYTHON = """#!/bin/sh
case "$*" in *version_info*) echo 3.8;; *) exit 1;; esac
"""


@pytest.fixture
def old(without_environment: Path) -> Path:
    """A project whose environment has an old Python, and that needs a package."""
    build_tree(
        without_environment,
        {
            ".venv/bin/python": OLD_PYTHON,
            "requirements.txt": "iniconfig\n",
            "tests/harness.toml": "",
        },
    )
    (without_environment / ".venv" / "bin" / "python").chmod(0o755)
    return without_environment


def test_an_environment_with_an_old_python_is_refused_in_one_sentence(old: Path) -> None:
    requirements = asks_for(old, "tomli\n")
    with pytest.raises(SetupError) as refused:
        environments.find_or_make(old, print).install(requirements, print)
    assert str(refused.value) == (
        f"The environment in {old / '.venv'} has Python 3.8, and the test harness works from 3.10 "
        "on.\n  Fix: give the tests an environment of their own with `uv venv --seed --python 3.12 "
        "tests/.venv` and `make -f test-harness.mk harness-install`: the application is installed "
        "into it as well, and tests tell whether its code runs there."
    )


def test_the_environment_of_the_tests_is_used_where_the_projects_is_too_old(old: Path) -> None:
    requirements = asks_for(old, "tomli\n")
    own = old / "tests" / ".venv"
    run("uv", "venv", "--quiet", "--python", sys.executable, own, cwd=old)
    installed = environments.find_or_make(old, print).install(requirements, print)
    assert installed.python == own / "bin" / "python"
    run(installed.python, "-c", "import iniconfig, tomli", cwd=old)
    assert environments.find_or_make(old, print).install(requirements, print) == (
        Environment(installed.python, "", made=False)
    )
