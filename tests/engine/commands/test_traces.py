"""What the hook starts leaves bytecode for the next start, but none that git would show."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.commands.suite import without_traces
from tests.worlds import build_tree, commit_all

KEPT_OUT = {"PYTHONDONTWRITEBYTECODE": "1"}


def test_bytecode_is_kept_out_of_a_repository_that_does_not_ignore_it(tmp_path: Path) -> None:
    commit_all(build_tree(tmp_path, {"app.py": ""}))
    assert without_traces(tmp_path) == KEPT_OUT


@pytest.mark.parametrize("pattern", ["__pycache__/", "__pycache__", "*.py[cod]", "*.pyc"])
def test_bytecode_is_left_where_it_is_ignored(tmp_path: Path, pattern: str) -> None:
    commit_all(build_tree(tmp_path, {"app.py": "", ".gitignore": f"{pattern}\n"}))
    assert without_traces(tmp_path) == {}


def test_bytecode_is_left_where_there_is_no_repository(tmp_path: Path) -> None:
    assert without_traces(tmp_path) == {}


def test_bytecode_is_left_where_there_is_no_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert without_traces(tmp_path) == {}
