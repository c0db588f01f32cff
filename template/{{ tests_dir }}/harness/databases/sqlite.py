"""SQLite: a file in a temporary folder, so that every driver, thread and pragma means what it says.

A file rather than `:memory:`, because an in-memory database cannot be in WAL mode and is another
database for each connection. It is never synced to disk.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import Dialect

from harness.errors import SettingsError
from harness.naming import RunName


def make(name: RunName, url: URL | None, purpose: str) -> SQLiteDatabase:
    """Return a database that is not there yet.

    Raises:
        SettingsError: An address was given, which a temporary file does not have.
    """
    if url is not None:
        raise SettingsError(
            "TEST_DATABASE_URL is set, but a SQLite suite makes a temporary file of its own.",
            "Unset TEST_DATABASE_URL.",
        )
    return SQLiteDatabase(name.database(purpose))


class SQLiteDatabase:
    """A SQLite database in a temporary folder of its own."""

    engine = "sqlite"

    def __init__(self, name: str) -> None:
        self._name = name
        self._folder: Path | None = None

    @property
    def shown(self) -> str:
        return "sqlite, a temporary file"

    def create(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"{self._name}-"))

    def drop(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def url(self, drivername: str) -> URL:
        assert self._folder is not None, "create() comes first"
        return URL.create(drivername, database=str(self._folder / "test.sqlite3"))

    def connect_arguments(self, dialect: Dialect) -> dict[str, Any]:
        # Frameworks run synchronous endpoints in threads.
        return {} if dialect.is_async else {"check_same_thread": False}
