"""The line in requirements.txt is all that an installer needs, with any cache."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.install.remotes import (
    Remote,
    engine_line,
    mark,
    marked,
    path_without,
    rendered,
    version_in,
)
from tests.worlds import ROOT, build_tree, commit_all, git, run
from tools.environments import UV

HOOK = ROOT / "src" / "test_harness"


def engine_alone(project: Path) -> Path:
    """Write the line of the engine to a file of its own."""
    return build_tree(project, {"alone.txt": engine_line(project) + "\n"}) / "alone.txt"


@pytest.mark.parametrize("cache", ["warm", "cold"])
def test_uv_installs_it_from_a_remote_template(
    remote: Remote, with_environment: Path, tmp_path: Path, cache: str
) -> None:
    python = with_environment / ".venv" / "bin" / "python"
    variables: dict[str, Any] = {"UV_CACHE_DIR": str(tmp_path / "cache")} if cache == "cold" else {}
    run(UV, "pip", "install", "--python", python, "--no-deps", "-r",
        engine_alone(with_environment), cwd=with_environment, **variables)  # fmt: skip
    assert version_in(python) == remote.versions[0]


def test_pip_of_2023_installs_it_from_a_remote_template(
    remote: Remote, with_environment: Path
) -> None:
    python = with_environment / ".venv" / "bin" / "python"
    assert run(python, "-m", "pip", "--version", cwd=with_environment).stdout.startswith("pip 23.2")
    run(python, "-m", "pip", "install", "--quiet", "-r", "tests/requirements.txt",
        cwd=with_environment)  # fmt: skip
    assert version_in(python) == remote.versions[0]


# ------------------------------------------------------------------------------- make, uv and pip


def test_a_fresh_clone_is_told_how_to_make_its_environment_and_that_makes_it(
    remote: Remote, project: Path
) -> None:
    done = run("make", "test", cwd=project, check=False, PATH="/usr/bin:/bin")
    told = "The test harness is not installed here (python).\n" + (
        "  Fix: run `make -f test-harness.mk harness-install`.\n"
    )
    assert done.stdout.startswith(told)
    run("make", "-f", "test-harness.mk", "harness-install", cwd=project)
    assert version_in(project / ".venv" / "bin" / "python") == remote.versions[0]
    assert " passed" in run("make", "test-unit", cwd=project).stdout


# ------------------------------------------------------------------------------- from this machine


@pytest.fixture
def local(template: Path, tmp_path: Path) -> Path:
    """A shallow clone of the template with a change that is committed nowhere."""
    git(tmp_path, "clone", "--quiet", "--depth=1", template.as_uri(), str(tmp_path / "shallow"))
    mark(tmp_path / "shallow", "draft")
    return tmp_path / "shallow"


@pytest.mark.parametrize("without", [(), ("uv", "poetry")], ids=["uv", "pip"])
def test_from_a_local_template_the_hook_installs_what_was_rendered(
    local: Path, with_environment: Path, without: tuple[str, ...]
) -> None:
    build_tree(
        with_environment,
        {
            "tests/requirements.txt": f"test-harness @ {local.as_uri()}  # 0\n",
            "pytest.ini": "[pytest]\ntestpaths = quick\n",
            "quick/test_it.py": "def test_it():\n    pass\n",
        },
    )
    done = run(
        sys.executable, "-B", local / "src" / "test_harness", "check", "--tests", "tests",
        "--first-run", cwd=with_environment, PATH=path_without(*without),
    )  # fmt: skip
    assert marked(with_environment / ".venv" / "bin" / "python") == "draft"
    assert (
        "The engine was installed from this machine; colleagues and CI need the address of the\n"
        "template: `copier copy` from there, or correct the line in requirements.txt.\n"
    ) in done.stdout


# ------------------------------------------------------------------------------------- lock files

PROJECT = """\
[project]
name = "application"
version = "1"
requires-python = ">=3.10"
dependencies = []
"""


@pytest.fixture
def without_dependencies(remote: Remote, tmp_path: Path) -> Path:
    """A project whose requirements are an engine that needs nothing, in versions of its own."""
    folder = tmp_path / "stub"
    for number, (version, tag) in enumerate(
        [(remote.versions[0], remote.old), (remote.versions[0], "between"),
         (remote.versions[1], remote.new)]
    ):  # fmt: skip
        pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        head, _, _ = pyproject.partition("\ndependencies = [")
        for line in ('readme = "README.md"\n', 'license-files = ["LICENSE"]\n'):
            head = head.replace(line, "")
        build_tree(
            folder,
            {
                "pyproject.toml": head.replace(f'"{remote.versions[0]}"', f'"{version}"'),
                "src/test_harness/__init__.py": f'"""Nothing."""\n__version__ = "{version}"\n',
                "src/test_harness/clock.py": f"MARK = {number}\n",
            },
        )
        commit_all(folder)
        git(folder, "tag", tag)
    served = remote.clone.parent / "org" / f"stub-{os.getpid()}-{tmp_path.name}.git"
    git(folder, "clone", "--quiet", "--bare", str(folder), str(served))
    line = f"test-harness @ git+{remote.address.rpartition('/')[0]}/{served.name}@{remote.old}"
    return build_tree(
        tmp_path / "locked",
        {
            "pyproject.toml": PROJECT,
            "tests/harness.toml": "",
            "tests/requirements.txt": f"{line}  # {remote.versions[0]}\n",
        },
    )


def test_a_new_commit_of_an_unchanged_version_is_installed(
    remote: Remote, without_dependencies: Path, application: Path
) -> None:
    """Of these pip says that the requirement is satisfied already."""
    project, requirements = without_dependencies, "tests/requirements.txt"
    shutil.copytree(application, project / ".venv", symlinks=True, copy_function=os.link)
    python = project / ".venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "-r", requirements, cwd=project)
    text = (project / requirements).read_text(encoding="utf-8")
    build_tree(project, {requirements: text.replace(f"@{remote.old}", "@between")})
    run(python, "-m", "pip", "install", "--quiet", "-r", requirements, cwd=project)
    assert marked(python) == "0"
    run(sys.executable, "-B", HOOK, "check", "--tests", "tests", "--first-run",
        cwd=project, PATH=path_without("uv", "poetry"))  # fmt: skip
    assert marked(python) == "1"


def stale(project: Path, manager: str) -> tuple[str, str]:
    """Return the lock file that is said to be out of date, and what is said to mend it."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from test_harness.commands.installing import Environment\n"
        "from test_harness.commands.own_files import stale_lock\n"
        "from test_harness.commands.requirements import Requirements\n"
        "it = Requirements(Path('tests/requirements.txt').absolute())\n"
        "print(stale_lock(it), Environment(Path(), sys.argv[2], made=False).permanent(it), sep='|')"
    )
    said = run(sys.executable, "-I", "-c", code, HOOK.parent, manager, cwd=project).stdout
    lock, _, command = said.strip().partition("|")
    return lock, command


def add(command: str, project: Path, **variables: str) -> None:
    """Run a command as a person does who copied it."""
    run("sh", "-c", command, cwd=project, check=True, **variables)


@pytest.mark.parametrize("manager", ["uv", "poetry"])
def test_a_lock_file_that_an_update_left_behind_is_named_with_what_mends_it(
    remote: Remote, without_dependencies: Path, manager: str, request: pytest.FixtureRequest
) -> None:
    project = without_dependencies
    path = os.environ["PATH"]
    if manager == "poetry":
        path = f"{request.getfixturevalue('poetry')}{os.pathsep}{path}"
        pyproject = f"{PROJECT}\n[tool.poetry]\npackage-mode = false\n"
        build_tree(project, {"pyproject.toml": pyproject})
    # To install them is left to poetry's own tests, and takes an index of its own liking.
    only_lock = " --lock" if manager == "poetry" else ""
    _, command = stale(project, manager)
    add(command + only_lock, project, PATH=path, POETRY_VIRTUALENVS_IN_PROJECT="true")
    assert stale(project, manager)[0] == ""
    requirements = project / "tests" / "requirements.txt"
    text = requirements.read_text(encoding="utf-8")
    requirements.write_text(text.replace(remote.old, remote.new), encoding="utf-8")
    lock, command = stale(project, manager)
    assert lock == f"{manager}.lock"
    if manager == "uv":
        python = project / ".venv" / "bin" / "python"
        run(UV, "pip", "install", "--quiet", "--python", python, "-r", requirements, cwd=project)
        run(UV, "sync", "--quiet", "--frozen", cwd=project)
        assert version_in(python) == remote.versions[0]
    add(command + only_lock, project, PATH=path, POETRY_VIRTUALENVS_IN_PROJECT="true")
    assert stale(project, manager)[0] == ""
    if manager == "uv":
        run(UV, "sync", "--quiet", "--frozen", cwd=project)
        assert version_in(python) == remote.versions[1]


def test_poetry_makes_the_environment_of_a_fresh_clone(
    remote: Remote, tmp_path: Path, poetry: Path
) -> None:
    project = rendered(
        remote.address, tmp_path / "project", "--vcs-ref", remote.old, package_manager="poetry"
    )
    variables: dict[str, Any] = {
        "PATH": f"{poetry}{os.pathsep}{os.environ['PATH']}",
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
    }
    run("make", "-f", "test-harness.mk", "harness-install", cwd=project, **variables)
    assert version_in(project / ".venv" / "bin" / "python") == remote.versions[0]
