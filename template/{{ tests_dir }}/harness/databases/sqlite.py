"""SQLite: a file in a temporary folder, so that every driver, thread and pragma means what it says.

A file rather than `:memory:`, because an in-memory database cannot be in WAL mode and is another
database for each connection. It is never synced to disk.
"""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import Dialect

from harness.databases import Template
from harness.errors import SettingsError
from harness.naming import PREFIX, RunName


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
    """A SQLite database in a temporary folder of its own.

    Args:
        name: What the folder is called, before a part that makes it unique.
    """

    engine = "sqlite"
    # What is rolled back needs no journal on the disk. An application that asks for WAL gets it
    # all the same, from its own `connect` listener.
    on_connect: tuple[str, ...] = ("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF")

    def __init__(self, name: str) -> None:
        self._name = name
        self._folder: Path | None = None

    @property
    def shown(self) -> str:
        return "sqlite, a temporary file"

    def create(self, template: Template | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"{self._name}-"))
        if template is not None:
            shutil.copyfile(_ensure_template(template), self._file)

    def drop(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def url(self, drivername: str) -> URL:
        return URL.create(drivername, database=str(self._file))

    def connect_arguments(self, dialect: Dialect) -> dict[str, Any]:
        # Frameworks run synchronous endpoints in threads.
        return {} if dialect.is_async else {"check_same_thread": False}

    def write_image(self, path: Path) -> None:
        """Write the database into one file, what is in its write-ahead log included."""
        with (
            closing(sqlite3.connect(self._file)) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)

    @property
    def _file(self) -> Path:
        assert self._folder is not None, "create() comes first"
        return self._folder / "test.sqlite3"


def _ensure_template(template: Template) -> Path:
    """Return the image with the newest schema; it is kept between runs in the temporary folder."""
    folder = Path(tempfile.gettempdir(), f"{PREFIX}-{getpass.getuser()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    image = folder / f"{template.key}.sqlite3"
    if not image.exists():
        database = SQLiteDatabase(f"{PREFIX}_template")
        database.create()
        template.build(database)
        # Under another name first, so that a run beside this one never copies half of it.
        unfinished = image.with_suffix(f".{os.getpid()}")
        database.write_image(unfinished)
        unfinished.replace(image)
        database.drop()
    return image
