"""The sample behaves alike in every framework, however clients log in; `make matrix` runs all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds import render, run

# Together every framework, and every way to log in but the one that other tests run all the time.
CHOSEN = [
    "fastapi-async-sqlite-session-cookie",
    "flask-sync-postgresql-jwt-cookie",
    "flask-sync-sqlite-http-basic",
    "litestar-async-sqlite-api-key",
]


@pytest.mark.runs
@pytest.mark.parametrize("name", CHOSEN)
def test_the_suite_of_a_sample_is_green(
    template: Path, suite_python: Path, tmp_path: Path, name: str
) -> None:
    project = render(template, tmp_path / "project", answers_file=name)
    done = run(suite_python, "-m", "pytest", "-q", cwd=project)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
    assert not (project / "tests" / "real_commits.txt").exists()


@pytest.mark.runs
def test_what_is_undone_after_learning_to_log_in_is_not_held_against_the_test(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-async-sqlite")
    # Where the checks do not log in first, a test of the application's does.
    done = run(suite_python, "-m", "pytest", "-q", "tests/api/test_members.py", cwd=project)
    assert "begun anew" not in done.stdout
    assert not (project / "tests" / "real_commits.txt").exists()


@pytest.mark.runs
@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("litestar-async-sqlite-api-key", "sqlite+aiosqlite"),
        ("flask-sync-sqlite-http-basic", "sqlite"),
    ],
)
def test_a_revision_that_is_generated_for_a_type_of_the_sample_can_be_run(
    template: Path, suite_python: Path, tmp_path: Path, name: str, driver: str
) -> None:
    project = render(template, tmp_path / "project", answers_file=name)
    item = project / "app" / "models" / "item.py"
    column = "    deleted_at: Mapped[datetime | None]\n"
    item.write_text(item.read_text().replace(column, column + column.replace("deleted", "read")))
    url, key = f"{driver}:///{tmp_path}/app.db", "x" * 32
    for command in ("upgrade head", "revision --autogenerate -m read", "upgrade head", "check"):
        run(
            suite_python, "-m", "alembic", *command.split(),
            cwd=project, DATABASE_URL=url, SECRET_KEY=key,
        )  # fmt: skip
    [made] = (project / "migrations" / "versions").glob("*_read.py")
    assert re.search(r"^import app\.models\.base$", made.read_text(), re.MULTILINE)
