"""SQLite: a file in a temporary folder, so that every driver, thread and pragma means what it says.

A file rather than `:memory:`, because an in-memory database cannot be in WAL mode and is another
database for each connection. It is never synced to disk.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from test_harness.databases.database import Policies, Template
from test_harness.databases.kept import kept_folder
from test_harness.databases.naming import PREFIX, RunName, is_left_over
from test_harness.errors import ProvisioningError, SettingsError

OWNER = "owner"  # a file beside the database, with the mark of the run that made both


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
    return SQLiteDatabase(name, name.database(purpose))


class SQLiteDatabase:
    """A SQLite database in a temporary folder of its own.

    Args:
        run: What this run is called.
        name: What the folder is called, before a part that makes it unique.
    """

    engine = "sqlite"
    # What is rolled back needs no journal on the disk. An application that asks for WAL gets it
    # all the same, from its own `connect` listener.
    on_connect: tuple[str, ...] = ("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF")
    # The driver waits for five seconds at most. What tests commit need not survive a power cut.
    when_opened: tuple[str, ...] = ("PRAGMA synchronous = OFF",)
    policies = Policies()

    def __init__(self, run: RunName, name: str) -> None:
        self._run = run
        self._name = name
        self._folder: Path | None = None

    @property
    def shown(self) -> str:
        return "sqlite, a temporary file"

    def create(self, template: Template | None = None) -> None:
        try:
            _remove_left_overs()
            self._folder = Path(tempfile.mkdtemp(prefix=f"{self._name}-"))
            (self._folder / OWNER).write_text(self._run.owner(), encoding="utf-8")
            if template is not None:
                shutil.copyfile(_ensure_template(self._run, template), self._file)
        except (OSError, sqlite3.Error) as error:
            self.drop()
            raise ProvisioningError(
                f"The database {self.shown} cannot be created in {tempfile.gettempdir()}: {error}.",
                "Make room there, or name another folder in TMPDIR.",
            ) from None

    def baseline(self) -> Baseline:
        assert self._folder is not None
        return Baseline(self._folder, self._file)

    def drop(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def url(self, drivername: str) -> URL:
        return URL.create(drivername, database=str(self._file))

    def blockers(self, sessions: Mapping[int, Any]) -> dict[int, str]:
        return {number: "" for number, native in sessions.items() if native.in_transaction}

    def clocked_tables(self) -> frozenset[str]:
        return frozenset()

    def bind(self, role: str) -> None:
        """Do nothing: there is no row-level security."""

    def functions(self) -> frozenset[str]:
        return frozenset()  # They are Python's, and have no connection of their own.

    def write_image(self) -> Path:
        """Return the database as one file, what is in its write-ahead log included."""
        image = self._file.with_name("image")
        with (
            closing(sqlite3.connect(self._file)) as source,
            closing(sqlite3.connect(image)) as target,
        ):
            source.backup(target)
        return image

    @property
    def _file(self) -> Path:
        assert self._folder is not None, "create() comes first"
        return self._folder / "test.sqlite3"


class Baseline:
    """What the database held when this was made: one file, which is copied back.

    Args:
        folder: Has the database, its journals, and what tests put beside it.
        file: The database.
    """

    def __init__(self, folder: Path, file: Path) -> None:
        self._folder, self._file = folder, file
        self._image = Path(shutil.copyfile(file, folder / "baseline"))

    def restore(self) -> bool:
        """Put back what the database held.

        Returns:
            Whether it holds that again; otherwise it is to be dropped.
        """
        kept = {self._image, self._folder / OWNER}
        try:
            for path in self._folder.iterdir():
                # Not written over: who still has it open must not see half of each.
                if path not in kept:
                    path.unlink()
            shutil.copyfile(self._image, self._file)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Do nothing: files are let go of as they are."""


def _remove_left_overs() -> None:
    for mark in Path(tempfile.gettempdir()).glob(f"{PREFIX}_*/{OWNER}"):
        # One that another run removes at this moment is no longer there to be read.
        with suppress(OSError):
            if is_left_over(mark.read_text(encoding="utf-8")):
                shutil.rmtree(mark.parent, ignore_errors=True)


def _ensure_template(run: RunName, template: Template) -> Path:
    """Return the image with the newest schema; it is kept between runs in the temporary folder."""
    image = kept_folder() / f"{template.key}.sqlite3"
    if not image.exists():
        database = SQLiteDatabase(run, f"{PREFIX}_template")
        database.create()
        try:
            template.build(database)
            # Elsewhere first, so that a run beside this one never copies half of it.
            database.write_image().replace(image)
        finally:
            database.drop()
    return image
