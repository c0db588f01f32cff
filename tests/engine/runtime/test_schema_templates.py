"""The template with the newest schema, kept between runs: found fast, and never out of date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

TABLES = """
import sys

from sqlalchemy import inspect


def test_tables(db):
    print("tables:", sorted(inspect(db.connection()).get_table_names()))
    print("alembic:", "alembic" in sys.modules)
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{previous}"


def upgrade():
    op.create_table("added", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("added")
"""


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    project = render(template, tmp_path / "project", mode="sync", auth="none")
    build_tree(project, {"tests/test_tables.py": TABLES})
    return project


def show(project: Path, python: Path) -> str:
    return run(
        python, "-m", "pytest", "-q", "-s", "tests/test_tables.py",
        cwd=project, TMPDIR=str(project.parent),
    ).stdout  # fmt: skip


def add_revision(project: Path, folder: str) -> None:
    newest = sorted((project / folder / "versions").glob("*.py"))[-1]
    (previous,) = re.findall(r"^revision.*\"(.+)\"", newest.read_text(), re.MULTILINE)
    build_tree(project, {f"{folder}/versions/9999_added.py": REVISION.format(previous=previous)})


def test_a_run_after_the_first_does_not_load_alembic(project: Path, suite_python: Path) -> None:
    assert "alembic: True" in show(project, suite_python)
    assert "alembic: False" in show(project, suite_python)


def test_a_new_revision_is_in_the_next_run(project: Path, suite_python: Path) -> None:
    assert "'added'" not in show(project, suite_python)
    add_revision(project, "migrations")
    assert "'added'" in show(project, suite_python)


def test_migrations_that_moved_are_found(project: Path, suite_python: Path) -> None:
    assert "'added'" not in show(project, suite_python)
    (project / "migrations").rename(project / "elsewhere")
    ini = project / "alembic.ini"
    ini.write_text(ini.read_text().replace("migrations", "elsewhere"))
    add_revision(project, "elsewhere")
    assert "'added'" in show(project, suite_python)
