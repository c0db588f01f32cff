"""A project may have a copy of the engine, which runs whatever else is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.install.remotes import rendered
from tests.worlds import build_tree, run
from tools.environments import UV


@pytest.fixture(scope="module")
def vendored(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendored")
    return rendered(template, folder / "project", engine="vendored")


def test_the_copy_is_the_engine_and_needs_no_address(vendored: Path, template: Path) -> None:
    ours, theirs = vendored / "tests" / "test_harness", template / "src" / "test_harness"
    assert not ours.is_symlink()
    assert (ours / "plugin.py").read_bytes() == (theirs / "plugin.py").read_bytes()
    requirements = (vendored / "tests" / "requirements.txt").read_text(encoding="utf-8")
    assert "\npytest>=" in requirements
    assert " @ " not in requirements


def test_its_suite_runs_with_the_copy(vendored: Path, application: Path) -> None:
    python = f"PYTHON={application / 'bin' / 'python'}"
    assert " passed" in run("make", "test-unit", python, cwd=vendored).stdout
    done = run("make", "harness-check", python, "-n", cwd=vendored)
    assert done.stdout.endswith("tests/test_harness check\n")


def test_without_what_the_copy_imports_it_is_told_what_to_install(
    vendored: Path, tmp_path: Path
) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / ".venv", cwd=tmp_path)
    run(UV, "pip", "install", "--quiet", "--python", python, "pytest", cwd=tmp_path)
    told = run("make", "test", f"PYTHON={python}", cwd=vendored, check=False).stdout
    assert told.startswith(f"The test harness is not installed here ({python}).\n  Fix: run `make")
    done = run(python, "-m", "pytest", cwd=vendored, check=False)
    assert "is not installed in this environment.\n  Fix: `" in done.stdout


def test_without_an_environment_the_copy_makes_one(vendored: Path) -> None:
    done = run("make", "-n", "harness-install", cwd=vendored)
    assert done.stdout == "python3 tests/test_harness install\n"


def test_an_engine_that_is_installed_besides_leaves_the_work_to_the_copy(
    complete: Path, tmp_path: Path
) -> None:
    build_tree(
        tmp_path,
        {
            "tests/harness.toml": "",
            "tests/test_harness/__main__.py": "import sys\nprint('The copy runs', sys.argv[1:])\n",
        },
    )
    done = run(complete / "bin" / "python", "-m", "test_harness", "check", cwd=tmp_path)
    assert done.stdout == "The copy runs ['check']\n"
