"""The schema of a test database, built as the project builds it: migrations, or `create_all`."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, MetaData, create_engine, create_mock_engine
from sqlalchemy.engine import make_url
from sqlalchemy.schema import ExecutableDDLElement

from harness.application import import_object
from harness.databases import Database
from harness.errors import ApplicationError, ProvisioningError
from harness.seam import Seam
from harness.settings import PROJECT_DIR, DatabaseSettings

if TYPE_CHECKING:
    from alembic.config import Config

SYNC_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


def load_metadata(settings: DatabaseSettings) -> MetaData:
    """Return the application's metadata, from a declarative base or a `MetaData` object.

    Raises:
        ApplicationError: The import path leads to something else.
    """
    found = import_object(settings.metadata)
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ApplicationError(
            f"{settings.metadata} is neither a declarative base nor a MetaData object.",
            "Correct [database] metadata in harness.toml.",
        )
    return metadata


def schema_key(settings: DatabaseSettings) -> str:
    """Return a digest of what the schema comes from: the migrations, or the DDL of the models."""
    digest = hashlib.sha256(settings.engine.encode())
    if settings.migrations:
        for path in _migration_files(settings.migrations):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]
    url = make_url(f"{SYNC_DRIVERS[settings.engine]}://")
    dialect = url.get_dialect()()

    def note(statement: ExecutableDDLElement, *_: object) -> None:
        digest.update(str(statement.compile(dialect=dialect)).encode())

    load_metadata(settings).create_all(create_mock_engine(url, note), checkfirst=False)
    return digest.hexdigest()[:12]


def _migration_files(ini: str) -> list[Path]:
    from alembic.script import ScriptDirectory

    with in_project_folder():
        script = ScriptDirectory.from_config(alembic_config(ini))
        folders = {Path(folder).resolve() for folder in (script.dir, *script.version_locations)}
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return [PROJECT_DIR / ini, *sorted(path for path in files if "__pycache__" not in path.parts)]


def build_schema(seam: Seam, database: Database, settings: DatabaseSettings) -> None:
    """Bring an empty database to the newest schema.

    Raises:
        ProvisioningError: A migration or `create_all` failed; the message says which and why.
    """
    with seam.real_connections(database):
        if settings.migrations:
            upgrade(settings.migrations)
        else:
            with sync_engine(database) as engine:
                load_metadata(settings).create_all(engine)


@contextlib.contextmanager
def sync_engine(database: Database) -> Iterator[Engine]:
    """Return an engine for the harness's own work, synchronous whatever the application uses."""
    engine = create_engine(database.url(SYNC_DRIVERS[database.engine]))
    try:
        yield engine
    finally:
        engine.dispose()


def upgrade(ini: str) -> None:
    """Run the project's own Alembic environment up to its newest revisions."""
    from alembic import command

    try:
        with in_project_folder(), logging_kept():
            command.upgrade(alembic_config(ini), "heads")
    except Exception as error:
        raise ProvisioningError(
            f"The migrations of {ini} do not reach their head: "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            "Run `alembic upgrade head` on an empty database and mend the revision that fails.",
        ) from error


def alembic_config(ini: str) -> Config:
    """Return the Alembic configuration of the project, quiet, with absolute paths."""
    from alembic.config import Config

    path = PROJECT_DIR / ini
    if not path.exists():
        raise ProvisioningError(
            f"{ini} does not exist.", "Correct [database] migrations in harness.toml."
        )
    return Config(str(path), stdout=io.StringIO())


@contextlib.contextmanager
def in_project_folder() -> Iterator[None]:
    """Work in the project's folder, which relative paths in alembic.ini and settings start from."""
    before = Path.cwd()
    os.chdir(PROJECT_DIR)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    """Undo what Alembic's `fileConfig` does: it disables loggers and replaces handlers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = [
        logger for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)
    ]
    enabled = [logger for logger in loggers if not logger.disabled]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for logger in enabled:
            logger.disabled = False
