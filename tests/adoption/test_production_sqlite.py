"""SQLite as production has it: the PRAGMAs of the application hold in tests, each shown to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from test_harness.project import collected_folders
from tests.worlds import ROOT, build_tree, render, run

SET = "foreign_keys=ON journal_mode=WAL synchronous=NORMAL"
LATER = """
import pytest
from sqlalchemy import text


@pytest.mark.parametrize("again", range(2))
async def test_they_hold_where_a_test_before_changed_another(db, again):
    # The session of the test is the first on the connection that takes the place of the other.
    assert await db.scalar(text("PRAGMA foreign_keys")) == 1
    await db.execute(text("PRAGMA cache_size = 7"))
"""


@pytest.fixture
def pantry(template: Path, tmp_path: Path) -> Path:
    """A backend with PRAGMAs of its own, and its harness."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    project = tmp_path / "pantry"
    shutil.copytree(ROOT / "tests" / "backends" / "pantry", project, ignore=ignored)
    render(template, project)
    return build_tree(project, {"tests_harness/test_later.py": LATER})


def checked(python: Path, project: Path, *arguments: str, known: str = SET) -> str:
    """Return what the checks of PRAGMAs say, and the tests above."""
    command = ["-m", "pytest", "-c", "tests_harness/pytest.ini", "--rootdir", "tests_harness"]
    files = ["tests_harness/checks/test_pragmas_async.py", "tests_harness/test_later.py"]
    return run(
        python, *command, "-q", *files, *arguments, cwd=project, check=False,
        TEST_HARNESS_DATABASE_PRAGMAS=known,
    ).stdout  # fmt: skip


@pytest.mark.runs
def test_the_pragmas_of_the_application_hold(suite_python: Path, pantry: Path) -> None:
    # Each on the connection that tests share and on real ones; a row without its parent as well.
    said = checked(suite_python, pantry)
    assert "10 passed" in said, said


@pytest.mark.runs
def test_one_that_is_set_no_more_is_named(suite_python: Path, pantry: Path) -> None:
    database = pantry / "app" / "database.py"
    text = database.read_text(encoding="utf-8")
    database.write_text(text.replace("foreign_keys = ON", "foreign_keys = OFF"), encoding="utf-8")
    said = checked(suite_python, pantry)
    assert "6 failed, 4 passed" in said, said
    assert "nothing sets PRAGMA foreign_keys = ON as the application connects" in said


@pytest.mark.runs
def test_one_that_is_set_and_does_not_hold_is_red(suite_python: Path, pantry: Path) -> None:
    database = pantry / "app" / "database.py"
    text = database.read_text(encoding="utf-8")
    late = text.replace(
        "    cursor.close()\n", '    cursor.execute("PRAGMA FOREIGN_KEYS (0)")\n', 1
    )
    database.write_text(
        late.replace('("PRAGMA FOREIGN', '("PRAGMA -- no more\\nFOREIGN'), encoding="utf-8"
    )
    said = checked(suite_python, pantry)
    assert "DID NOT RAISE" in said, said
    assert "6 failed, 4 passed" in said, said


@pytest.mark.runs
def test_without_any_the_checks_are_skipped(suite_python: Path, pantry: Path) -> None:
    said = checked(suite_python, pantry, known="")
    assert "the application has no PRAGMAs of its own" in said, said
    assert "2 passed, 4 skipped" in said, said


@pytest.mark.runs
def test_unit_tests_beside_the_modules_are_of_the_suite(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = tmp_path / "pantry"
    shutil.copytree(ROOT / "tests" / "backends" / "pantry", project)
    render(template, project, beside="app")
    chosen = ["--co", "-q", "-m", "unit"]
    command = ["-c", "tests_harness/pytest.ini", "--rootdir", "tests_harness"]
    folders = collected_folders(project / "tests_harness")
    assert folders == ["tests_harness", "app"]
    said = run(suite_python, "-m", "pytest", *command, *folders, *chosen, cwd=project).stdout
    assert "services/test_jars.py::" in said
    made = run("make", "-f", "test-harness.mk", "-n", "test", cwd=project).stdout
    assert f"--rootdir tests_harness {' '.join(folders)}" in made
    # Those of a run of the project's own, under its own configuration, are what they were.
    own = run(suite_python, "-m", "pytest", "--co", "-q", cwd=project).stdout
    assert "app/services/test_jars.py::" in own
    assert "checks/" not in own
