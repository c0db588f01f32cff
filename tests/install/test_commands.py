"""The command `test-harness` does the same from every folder and under every Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.install.remotes import Remote, engine_line, version_in
from tests.worlds import ROOT, build_tree, commit_all, run
from tools.environments import find_interpreter

ENGINE = ROOT / "src" / "test_harness"


def programs(folder: Path, **scripts: str) -> str:
    """Write shell scripts and return a PATH on which they come first."""
    build_tree(folder, {name: f"#!/bin/sh\n{script}\n" for name, script in scripts.items()})
    for name in scripts:
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_it_is_a_script_and_a_module_and_finds_the_project_from_below(
    ready: Path, remote: Remote
) -> None:
    python = ready / ".venv" / "bin" / "python"
    version = run(python, "-m", "test_harness", "--version", cwd=ready / "app")
    assert version.stdout == f"test-harness {remote.versions[0]}\n"
    # The script was copied along, and names another interpreter.
    script = ready / ".venv" / "bin" / "test-harness"
    done = run(python, script, "check", cwd=ready / "app")
    assert f"Using the environment in {ready / '.venv'}." in done.stdout
    assert "\nGreen: 1 passed" in done.stdout


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_what_follows_two_dashes_is_handed_to_copier(tmp_path: Path, version: str) -> None:
    python = find_interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    build_tree(tmp_path, {"tests/harness.toml": ""})
    path = programs(tmp_path / "bin", uvx='echo "$@"', copier="echo any copier")
    start = [str(python), "-I", "-S", "-B", str(ENGINE)]
    with_the_extension = "--quiet --from copier>=9.19 --with copier-template-extensions copier"
    done = run(*start, "update", "--", "--vcs-ref", "v1", cwd=tmp_path, PATH=path)
    assert done.stdout == (
        f"{with_the_extension} update --trust --answers-file .copier-answers.test-harness.yml "
        "--defaults --vcs-ref v1\n"
    )
    done = run(*start, "adopt", "it", "--template", "gh:org/it", "--", "--data", "a=b",
               cwd=tmp_path, PATH=path)  # fmt: skip
    assert done.stdout == (
        f"{with_the_extension} copy --trust --data a=b gh:org/it {tmp_path / 'it'}\n"
    )


def test_an_update_brings_files_and_engine_whatever_copier_is_there(
    ready: Path, remote: Remote, tmp_path: Path
) -> None:
    commit_all(ready)
    path = programs(tmp_path / "bin", copier="echo any copier; exit 1")
    python = ready / ".venv" / "bin" / "python"
    done = run(python, "-m", "test_harness", "update", "--", "--data", "run_suite=true",
               cwd=ready / "app", PATH=path)  # fmt: skip
    assert engine_line(ready) == remote.line(remote.new, remote.versions[1])
    assert version_in(python) == remote.versions[1]
    assert "\nGreen: 1 passed" in done.stdout


def test_a_project_is_adopted_with_the_template_that_the_engine_came_from(
    remote: Remote, complete: Path, tmp_path: Path
) -> None:
    path = programs(tmp_path / "bin", uvx='echo "$@"')
    done = run(complete / "bin" / "python", "-m", "test_harness", "adopt", "it",
               cwd=tmp_path, PATH=path)  # fmt: skip
    assert " copy --trust --vcs-ref " in done.stdout
    assert done.stdout.endswith(f" git+{remote.address} {tmp_path / 'it'}\n")


def test_make_help_lists_the_targets_beside_those_of_the_user(project: Path) -> None:
    makefile = "mine: ## what I do\n\ttrue\n\ninclude test-harness.mk\n"
    build_tree(project, {"Makefile": makefile})
    listed = run("make", "help", cwd=project).stdout
    assert "mine                what I do\n" in listed
    for target in ("test", "test-cov", "seed", "factories", "harness-check", "harness-install"):
        assert f"\n{target} " in f"\n{listed}"


def test_outside_of_a_project_it_says_so(tmp_path: Path) -> None:
    done = run(sys.executable, "-B", ENGINE, "check", cwd=tmp_path, check=False)
    assert f"{tmp_path} belongs to no project with a test harness" in done.stdout
    assert "\n  Fix: Go to the project's folder" in done.stdout
