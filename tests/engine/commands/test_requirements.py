"""Whether the test requirements are there is seen without an installer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from test_harness.commands import requirements as requirements_module
from test_harness.commands.programs import SetupError
from test_harness.commands.requirements import Requirements, installed_in, locked_elsewhere
from tests.worlds import build_tree

URL = "git+https://host/org/test-harness.git"


def requirements(folder: Path, text: str) -> Requirements:
    build_tree(folder, {"requirements.txt": text})
    return Requirements(folder / "requirements.txt")


def test_the_line_of_the_engine_is_read_with_its_parts(tmp_path: Path) -> None:
    line = f"test-harness[async,http] @ {URL}@v1.2.3  # 1.2.3"
    engine = requirements(tmp_path, f"# The engine.\n{line}\nrespx\n").engine
    assert engine is not None
    assert engine.groupdict() == {
        "extras": "[async,http]",
        "url": f"{URL}@v1.2.3",
        "version": "1.2.3",
    }


def test_comments_and_options_ask_for_nothing(tmp_path: Path) -> None:
    text = "# All.\n--index-url https://host/simple\npytest>=8  # the runner\n\n"
    asked = requirements(tmp_path, text)
    assert asked.lines == ["--index-url https://host/simple", "pytest>=8"]
    assert asked.satisfied_in(Path(sys.executable))


@pytest.mark.parametrize("line", ["pytest>=1000", "no-such-package", f"test-harness @ {URL}@v1"])
def test_what_is_missing_or_too_old_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    # Beside a checkout its files are compared, and here they are the ones that are installed.
    monkeypatch.setattr(requirements_module, "checkout", lambda: None)
    assert not requirements(tmp_path, f"{line}\n").satisfied_in(Path(sys.executable))


def test_requirements_that_are_gone_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        SetupError, match=r"requirements.txt does not exist\.\n  Fix: bring it back"
    ):
        _ = Requirements(tmp_path / "requirements.txt").text


def test_modules_of_the_project_are_not_imported_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("json.py", "importlib/__init__.py", "sitecustomize.py", "test_harness/__init__.py")
    build_tree(tmp_path, dict.fromkeys(names, "raise SystemExit('The code of the project ran.')\n"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "pytest" in installed_in(Path(sys.executable))["packages"]


UV_LOCK = """\
version = 1

[[package]]
name = "gitpython"
version = "0.2.0"

[[package]]
name = "test-harness"
version = "0.2.0"
source = {{ {source} }}
"""
POETRY_LOCK = """\
[[package]]
name = "test-harness"
version = "0.2.0"

[package.source]
type = "git"
url = "https://host/org/test-harness.git"
reference = "v0.2.0"
"""


@pytest.mark.parametrize(
    ("lock", "source", "asked", "stale"),
    [
        ("uv.lock", f'git = "{URL[4:]}?rev=v0.2.0#abc"', f"{URL}@v0.2.0  # 0.2.0", False),
        ("uv.lock", f'git = "{URL[4:]}?rev=v0.2.0#abc"', f"{URL}@v0.3.0  # 0.3.0", True),
        ("uv.lock", 'directory = "/srv/it"', "file:///srv/it  # 0.2.0", False),
        ("uv.lock", 'directory = "/srv/it"', "file:///srv/it  # 0.3.0", True),
        ("uv.lock", 'directory = "/srv/it"', f"{URL}@v0.2.0  # 0.2.0", True),
        ("poetry.lock", "", f"{URL}@v0.2.0  # 0.2.0", False),
        ("poetry.lock", "", f"{URL}@v0.3.0  # 0.3.0", True),
    ],
)
def test_a_lock_file_with_another_engine_is_found(
    tmp_path: Path, lock: str, source: str, asked: str, stale: bool
) -> None:
    text = UV_LOCK.format(source=source) if lock == "uv.lock" else POETRY_LOCK
    build_tree(tmp_path, {lock: text})
    found = locked_elsewhere(requirements(tmp_path, f"test-harness @ {asked}\n"), tmp_path)
    assert found == (lock if stale else "")


def test_a_lock_file_without_the_engine_is_none_of_ours(tmp_path: Path) -> None:
    build_tree(tmp_path, {"uv.lock": '[[package]]\nname = "gitpython"\nversion = "3"\n'})
    assert locked_elsewhere(requirements(tmp_path, f"test-harness @ {URL}@v1\n"), tmp_path) == ""
