"""The schema is made once; every table is emptied after each test."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from app import database_sync
from app.models import Base
from sqlalchemy import text

TABLES = ", ".join(table.name for table in Base.metadata.sorted_tables)


@pytest.fixture(scope="session")
def engine() -> Any:
    Base.metadata.create_all(database_sync.engine)
    return database_sync.engine


@pytest.fixture(autouse=True)
def emptied(engine: Any) -> Iterator[None]:
    yield
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE"))
