"""The tables of the application's models, in each of its databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from test_harness.databases.database import Database
from test_harness.runtime.process import runtime
from test_harness.runtime.relations import absent_tables
from test_harness.runtime.schema import every_metadata


def other_tables() -> Iterator[tuple[str, list[Table]]]:
    """Yield the name of each database but the application's first, and its tables."""
    for name, every in every_metadata().items():
        if name:
            yield name, [table for metadata in every for table in metadata.tables.values()]


def database_with(table: Any) -> Database:
    """Return the test database that has a table of the models."""
    for name, every in every_metadata().items():
        if name and any(table.metadata is metadata for metadata in every):
            return runtime().seam.database(name)
    return runtime().database


def lacking_tables() -> list[str]:
    """Return the tables of the models that the test databases lack.

    Raises:
        ProvisioningError: A database cannot be made.
    """
    missing = []
    for name, every in every_metadata().items():
        database = runtime().seam.database(name) if name else runtime().database
        for metadata in every:
            missing += absent_tables(runtime(), database, metadata)
    return missing
