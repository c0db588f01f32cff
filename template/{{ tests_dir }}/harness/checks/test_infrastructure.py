"""Checks that the suite runs where it should: on the test database, and on nothing else."""

from __future__ import annotations

import re
import sqlite3
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, inspect

from harness.errors import DatabaseLockedError
from harness.runtime import runtime
from harness.schema import load_metadata, sync_engine
from harness.settings import TESTS_DIR

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


def test_another_kind_of_database_is_refused() -> None:
    # Refused before the driver is asked, so a stand-in for one is enough.
    driver = SimpleNamespace(paramstyle="pyformat", Error=OSError)
    engine = create_engine("mysql+pymysql://app:s3cret@production.invalid/app", module=driver)
    with pytest.raises(DatabaseLockedError, match="not the test database") as refusal:
        engine.connect()
    assert "mysql://app@production.invalid/app" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_a_file_outside_of_the_temporary_folder_is_not_opened_directly() -> None:
    file = TESTS_DIR / "production-of-the-canary.sqlite3"
    with pytest.raises(DatabaseLockedError, match=r"test_infrastructure.py:[0-9]+ tried to open"):
        sqlite3.connect(file)
    assert not file.exists()
