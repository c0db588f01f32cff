"""pytest-alembic's own tests and its `alembic_runner` stay usable beside the kit."""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.worlds import build_tree, render, run
from tools.environments import suite_environment

BESIDE = """\
from pathlib import Path

import pytest
from pytest_alembic.tests import *  # noqa: F403
from sqlalchemy import create_engine, inspect


@pytest.fixture
def alembic_config():
    return {"file": str(Path(__file__).parents[1] / "alembic.ini")}


@pytest.fixture
def alembic_engine(app, empty_database):
    engine = create_engine("sqlite:///production.sqlite3")
    yield engine
    engine.dispose()


def test_the_runner_goes_where_it_is_told(alembic_runner, alembic_engine):
    alembic_runner.migrate_up_to("0002")
    assert "items" in inspect(alembic_engine).get_table_names()
    alembic_runner.migrate_down_to("base")
    assert "items" not in inspect(alembic_engine).get_table_names()
"""


@pytest.mark.runs
def test_the_tests_of_pytest_alembic_pass_beside_the_kit(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-sync-sqlite")
    build_tree(project, {"tests/test_beside.py": BESIDE})
    with sqlite3.connect(project / "production.sqlite3") as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = (project / "production.sqlite3").read_bytes()
    python = suite_environment(tmp_path / ".venv", sys.executable, "pytest-alembic")
    done = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_beside.py",
        cwd=project,
    )  # fmt: skip
    assert re.search(r"^5 passed", done.stdout, re.MULTILINE), done.stdout
    assert (project / "production.sqlite3").read_bytes() == before
