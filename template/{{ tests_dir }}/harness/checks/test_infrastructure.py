"""Checks that the suite runs where it should: on the test database, and on nothing else."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from harness.errors import DatabaseLockedError
from harness.runtime import runtime
from harness.schema import load_metadata, sync_engine
from harness.settings import TESTS_DIR, settings

pytestmark = pytest.mark.integration


@pytest.fixture
def tables(database: None) -> set[str]:
    with runtime().seam.real_connections(), sync_engine(runtime().database) as engine:
        return set(inspect(engine).get_table_names())


def test_every_table_of_the_metadata_exists(tables: set[str]) -> None:
    metadata = load_metadata(runtime().settings.database)
    missing = {table.name for table in metadata.tables.values() if table.schema is None} - tables
    assert missing == set(), f"the schema lacks {sorted(missing)}: is a migration missing?"


def test_the_shown_address_has_no_password() -> None:
    assert re.search(r":[^*/:@]+@", runtime().database.shown) is None


@pytest.mark.skipif(settings().database.engine == "sqlite", reason="SQLite is what is tested on")
def test_a_sqlite_file_is_refused(database: None, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'production.sqlite3'}")
    with pytest.raises(DatabaseLockedError, match="not the test database"):
        engine.connect()
    assert list(tmp_path.iterdir()) == []


def test_a_file_outside_of_the_temporary_folder_is_not_opened_directly() -> None:
    file = TESTS_DIR / "production-of-the-canary.sqlite3"
    with pytest.raises(DatabaseLockedError, match=r"test_infrastructure.py:[0-9]+ tried to open"):
        sqlite3.connect(file)
    assert not file.exists()
