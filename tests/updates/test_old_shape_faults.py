"""What goes wrong with a project of the old shape is reported, and costs nothing of the update."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import build_tree, commit_all, git
from updates.old_shape import bringing
from updates.old_shape.main import main


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose last commit has the old machinery, and an update that cannot go on."""
    project = build_tree(tmp_path / "project", {"tests/harness/plugin.py": ""})
    commit_all(project, "The old shape")

    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("as it happens")

    monkeypatch.setattr(bringing, "bring_over", broken)
    monkeypatch.delenv("TEST_HARNESS_STRICT", raising=False)
    monkeypatch.chdir(project)
    return project


def test_a_fault_is_reported_with_what_to_do(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(Path("tests")) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        "\nYour files were not all rewritten, for a fault of the update and not of yours:\n"
        "Traceback (most recent call last):\n"
    )
    assert printed.endswith(
        "ZeroDivisionError: as it happens\n"
        "  Fix: report the lines above, and let what still imports `harness` import from\n"
        "  `test_harness`. `git log -p -- tests/harness` shows what you had edited there.\n"
    )
    assert git(old, "status", "--porcelain") == ""


def test_a_fault_fails_a_strict_run(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_HARNESS_STRICT", "1")
    assert main(Path("tests")) == 1


def test_a_project_of_the_new_shape_is_left_alone(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(old, "rm", "--quiet", "tests/harness/plugin.py")
    commit_all(old, "The new shape")
    assert main(Path("tests")) == 0
    assert capsys.readouterr().out == ""
