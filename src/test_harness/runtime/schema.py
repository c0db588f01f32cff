"""The schema of a test database, built as the project builds it: migrations, or `create_all`."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, MetaData, create_engine, create_mock_engine, inspect
from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import ExecutableDDLElement

from test_harness.application.loading import (
    application,
    being_made,
    import_object,
)
from test_harness.databases.database import Database, engine_of
from test_harness.databases.kept import remembered
from test_harness.errors import (
    ApplicationError,
    ProvisioningError,
    first_line,
)
from test_harness.isolation.leads import lead_to
from test_harness.isolation.seam import Seam
from test_harness.project import project_dir
from test_harness.runtime.history import script_folders, upgrade
from test_harness.runtime.needs import create_all
from test_harness.runtime.others import other_names, settings_of
from test_harness.settings import DatabaseSettings, settings

SYNC_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    # An application may call MySQL's engine so, and then has types of MariaDB's own.
    "mariadb": "mariadb+pymysql",
}


def load_metadata(database: DatabaseSettings) -> MetaData:
    """Return the application's metadata, from a declarative base or a `MetaData` object.

    Raises:
        ApplicationError: The import path leads to something else.
    """
    # The application imports the modules that models are registered in.
    if not is_in_the_making(database):
        application()
    found = import_object(database.metadata)
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ApplicationError(
            f"{database.metadata} is neither a declarative base nor a MetaData object.",
            "Correct its import path in harness.toml.",
        )
    return metadata


def is_in_the_making(database: DatabaseSettings) -> bool:
    """Tell whether the application, or what has the metadata, is imported or called just now.

    What connects meanwhile, for `create_all` for instance, does so before there is an application.
    """
    return any(map(being_made, (settings().application.import_path, database.metadata)))


def has_no_models_yet(database: DatabaseSettings) -> bool:
    """Tell whether a module connects while it is imported, above the line that makes its base."""
    module, _, name = database.metadata.partition(":")
    is_there = hasattr(sys.modules.get(module), name.partition(".")[0].partition("(")[0])
    return being_made(database.metadata) and not is_there


def all_metadata(database: DatabaseSettings) -> list[MetaData]:
    """Return the metadata of every base that has its tables in a database.

    Raises:
        ApplicationError: An import path leads to something else.
    """
    paths = [database.metadata, *database.also.split()]
    return [load_metadata(replace(database, metadata=path)) for path in paths]


def every_metadata() -> dict[str, list[MetaData]]:
    """Return the metadata of each database of the application by its name, empty for the first."""
    first = all_metadata(settings().database)
    return {"": first, **{name: all_metadata(settings_of(name)) for name in other_names()}}


def schema_key(settings: DatabaseSettings, name: str = "") -> str:
    """Return a digest of what the schema comes from: the migrations, or the DDL of the models.

    Args:
        settings: Those of the database.
        name: What the application calls it, empty for its first one.
    """
    # Another SQLAlchemy may make other types of the same models, as 2.1 does of Uuid on MariaDB.
    digest = hashlib.sha256(f"{settings.engine} {sqlalchemy_version} {name}".encode())
    first = settings_of("").migrations
    for ini in dict.fromkeys(filter(None, [settings.migrations, first if name else ""])):
        for path in _migration_files(ini):
            digest.update(path.read_bytes())
    if settings.migrations:
        return digest.hexdigest()[:12]
    url = make_url(f"{SYNC_DRIVERS[settings.engine]}://")
    dialect = url.get_dialect()()

    def note(statement: ExecutableDDLElement, *_: object) -> None:
        digest.update(str(statement.compile(dialect=dialect)).encode())

    for metadata in all_metadata(settings):
        metadata.create_all(create_mock_engine(url, note), checkfirst=False)
    return digest.hexdigest()[:12]


def _migration_files(ini: str) -> list[Path]:
    path = project_dir() / ini.partition(":")[0]
    # Alembic takes longer to load than a database takes to copy.
    configuration = path.read_bytes() if path.exists() else None
    folders = remembered(path, ini, configuration, sys.prefix, find=lambda: script_folders(ini))
    if not Path(folders[0], "env.py").is_file():
        folders = script_folders(ini)
    files = {file for folder in folders for file in Path(folder).rglob("*") if file.is_file()}
    return [path, *sorted(file for file in files if "__pycache__" not in file.parts)]


def build_schema(
    seam: Seam,
    database: Database,
    settings: DatabaseSettings,
    name: str = "",
    *,
    of_models: bool = False,
) -> None:
    """Bring an empty database to the newest schema.

    Args:
        seam: Leads there.
        database: The database.
        settings: Those of the database.
        name: What the application calls it, empty for its first one.
        of_models: Whether to pass over all migrations.

    Raises:
        ProvisioningError: A migration or `create_all` failed; the message says which and why.
    """
    with seam.real_connections(database, name, whole=bool(settings.migrations)):
        first = "" if of_models else settings_of("").migrations
        if settings.migrations:
            upgrade(settings.migrations)
        elif name and first:
            # One env.py may migrate several databases; if so, it has made tables in this one.
            upgrade(first)
        if not settings.migrations and not (name and first and _has_tables(database)):
            create_tables(database, settings)


def _has_tables(database: Database) -> bool:
    with sync_engine(database) as engine:
        return bool(inspect(engine).get_table_names())


def create_tables(database: Database, settings: DatabaseSettings) -> None:
    """Create the tables of the models."""
    every = all_metadata(settings)
    try:
        with sync_engine(database) as engine:
            for metadata in every:
                create_all(metadata, engine)
    except SQLAlchemyError as error:
        raise _not_created(settings.metadata, error) from error


# What databases say of what has to be there before a table: PostgreSQL, SQLite, MySQL.
_NEEDED = re.compile(
    r"(?P<kind>schema|type|function|access method|collation)\s+[\"'`]?(?P<name>[\w.]+)\S* "
    r"(?:for encoding \S+ )?does not exist"
    r"|(?:unknown database|no such module:|no such collation sequence:)\s+[\"'`]?(?P<other>[\w.]+)",
    re.IGNORECASE,
)


def _not_created(metadata: str, error: SQLAlchemyError) -> ProvisioningError:
    """Return what to say of tables that cannot be created: which, and what has to be there."""
    said = first_line(error)
    table = re.search(r"CREATE TABLE\s+(\S+)", getattr(error, "statement", None) or "")
    which = f"The table {table[1]} of {metadata}" if table else f"The tables of {metadata}"
    fix = "Mend the model that is named."
    if needed := _NEEDED.search(said):
        what = f"{needed['kind'] or ''} {needed['name'] or needed['other']}".strip()
        fix = (
            f"Have the application make {what!r} before its tables (a schema, or the extension "
            "that has it), in a migration or in a `before_create` listener of the metadata."
        )
    return ProvisioningError(f"{which} cannot be created: {said}", fix)


@contextlib.contextmanager
def sync_engine(database: Database) -> Iterator[Engine]:
    """Return an engine for the harness's own work, synchronous whatever the application uses."""
    called = settings().database.engine
    name = called if engine_of(called) == database.engine else database.engine
    engine = create_engine(database.url(SYNC_DRIVERS[name]))
    lead_to(engine, database)
    try:
        yield engine
    finally:
        engine.dispose()
