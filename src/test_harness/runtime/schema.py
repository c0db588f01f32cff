"""The schema of a test database, built as the project builds it: migrations, or `create_all`."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, MetaData, create_engine, create_mock_engine
from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import ExecutableDDLElement

from test_harness.application.loading import (
    application,
    being_made,
    import_object,
    in_project_folder,
    surroundings,
)
from test_harness.application.same_files import one_module_per_file
from test_harness.databases.database import Database, engine_of
from test_harness.databases.kept import remembered
from test_harness.errors import (
    ApplicationError,
    HarnessError,
    HistoryError,
    ProvisioningError,
    first_line,
)
from test_harness.isolation.seam import Seam
from test_harness.lock.callers import place_of
from test_harness.project import project_dir
from test_harness.runtime.event_loops import loop_at_hand
from test_harness.runtime.needs import create_all
from test_harness.settings import DatabaseSettings, settings

if TYPE_CHECKING:
    from alembic.config import Config

SYNC_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    # An application may call MySQL's engine so, and then has types of MariaDB's own.
    "mariadb": "mariadb+pymysql",
}

_LOCATION = "script_location"


def load_metadata(database: DatabaseSettings) -> MetaData:
    """Return the application's metadata, from a declarative base or a `MetaData` object.

    Raises:
        ApplicationError: The import path leads to something else.
    """
    # The application imports the modules that models are registered in. What connects when it is
    # imported or called, for `create_all` for instance, leads here before there is an application.
    connecting = (settings().application.import_path, database.metadata)
    if not any(being_made(path) for path in connecting):
        application()
    found = import_object(database.metadata)
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ApplicationError(
            f"{database.metadata} is neither a declarative base nor a MetaData object.",
            "Correct [database] metadata in harness.toml.",
        )
    return metadata


def schema_key(settings: DatabaseSettings) -> str:
    """Return a digest of what the schema comes from: the migrations, or the DDL of the models."""
    # Another SQLAlchemy may make other types of the same models, as 2.1 does of Uuid on MariaDB.
    digest = hashlib.sha256(f"{settings.engine} {sqlalchemy_version}".encode())
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
    path = project_dir() / ini.partition(":")[0]
    # Alembic takes longer to load than a database takes to copy.
    configuration = path.read_bytes() if path.exists() else None
    folders = remembered(path, ini, configuration, sys.prefix, find=lambda: _script_folders(ini))
    if not Path(folders[0], "env.py").is_file():
        folders = _script_folders(ini)
    files = {file for folder in folders for file in Path(folder).rglob("*") if file.is_file()}
    return [path, *sorted(file for file in files if "__pycache__" not in file.parts)]


def _script_folders(ini: str) -> list[str]:
    from alembic.script import ScriptDirectory

    with in_project_folder():
        script = ScriptDirectory.from_config(alembic_config(ini))
        locations = script.version_locations or ()
        return [str(Path(folder).resolve()) for folder in (script.dir, *locations)]


def build_schema(seam: Seam, database: Database, settings: DatabaseSettings) -> None:
    """Bring an empty database to the newest schema.

    Raises:
        ProvisioningError: A migration or `create_all` failed; the message says which and why.
    """
    with seam.real_connections(database):
        if settings.migrations:
            upgrade(settings.migrations)
        else:
            create_tables(database, settings)


def create_tables(database: Database, settings: DatabaseSettings) -> None:
    """Create the tables of the models."""
    metadata = load_metadata(settings)
    try:
        with sync_engine(database) as engine:
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
    try:
        yield engine
    finally:
        engine.dispose()


def upgrade(ini: str) -> None:
    """Run the project's own Alembic environment up to its newest revisions."""
    from alembic import command

    try:
        config = alembic_config(ini)
        with alembic_surroundings(config):
            command.upgrade(config, "heads")
    except HarnessError:
        raise
    except Exception as error:
        kind = HistoryError if _is_of_a_revision(error, ini) else ProvisioningError
        raise kind(
            f"The migrations of {ini} do not reach their head: "
            f"{type(error).__name__}: {first_line(error)}{place_of(error)}",
            "Run `alembic upgrade head` on an empty database, and mend what it complains of.",
        ) from error


def _is_of_a_revision(error: BaseException, ini: str) -> bool:
    """Tell whether a revision was running, and not only what is around them."""
    _, *versions = (Path(folder) for folder in _script_folders(ini))
    folders = versions or [Path(folder, "versions") for folder in _script_folders(ini)]
    walked = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(Path(it).resolve().is_relative_to(folder) for it in walked for folder in folders)


def alembic_config(ini: str) -> Config:
    """Return the Alembic configuration of the project, quiet, with absolute paths.

    Args:
        ini: Its file, and after a colon the section that `alembic -n` would name.

    Raises:
        ProvisioningError: It leads to no `env.py`.
    """
    from alembic.config import Config

    name, _, section = ini.partition(":")
    path = project_dir() / name
    if not path.exists():
        raise ProvisioningError(
            f"{name} does not exist.", "Correct [database] migrations in harness.toml."
        )
    key = "toml_file" if path.suffix == ".toml" else "file_"
    named: dict[str, Any] = {key: str(path), "stdout": io.StringIO()}
    if section:
        named["ini_section"] = section
    config = Config(**named)
    is_there = key == "toml_file" or config.file_config.has_section(config.config_ini_section)
    location = (config.get_main_option(_LOCATION) if is_there else None) or ""
    if (
        key == "file_"
        and ":" not in location
        and not (project_dir() / location / "env.py").is_file()
    ):
        # It counts from another folder, or Flask-Migrate names on its command line the one that
        # alembic.ini lies in.
        beside = path.parent / location
        folder = beside if (beside / "env.py").is_file() else path.parent
        if not (folder / "env.py").is_file():
            sections = (
                it for it in config.file_config if config.file_config.has_option(it, _LOCATION)
            )
            raise ProvisioningError(
                f"[{config.config_ini_section}] of {name} leads to no env.py.",
                f"Correct its {_LOCATION}, or name another section in [database] migrations of "
                f"harness.toml: {', '.join(f'{name}:{it}' for it in sections) or 'there is none'}.",
            )
        config.set_main_option(_LOCATION, str(folder).replace("%", "%%"))
    if "config.db_url" not in _env_py(config):
        return config
    made = _advanced_alchemy_config(named)
    if location:
        found = config.get_main_option(_LOCATION, location)
        made.set_main_option(_LOCATION, found.replace("%", "%%"))
    return made


def _env_py(config: Config) -> str:
    from alembic.script import ScriptDirectory

    with in_project_folder():
        script = Path(ScriptDirectory.from_config(config).dir, "env.py")
        return script.read_text(encoding="utf-8") if script.is_file() else ""


def _advanced_alchemy_config(named: dict[str, Any]) -> Config:
    """Return what Advanced Alchemy's own command line gives an `env.py` of its making."""
    from sqlalchemy.ext.asyncio import create_async_engine

    database = settings().database
    make = create_engine if settings().application.mode == "sync" else create_async_engine
    # The seam leads it to the test database, wherever it points.
    engine = make(f"{database.engine}+{database.driver}:///app")
    config_of = import_object("advanced_alchemy.alembic.commands:AlembicCommandConfig")
    config: Config = config_of(engine, "alembic_version", **named)
    return config


@contextlib.contextmanager
def alembic_surroundings(config: Config) -> Iterator[None]:
    """Have around `env.py` what it has when Alembic or Flask-Migrate is run by hand."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(in_project_folder())
        stack.enter_context(one_module_per_file(project_dir()))
        stack.enter_context(logging_kept())
        stack.enter_context(loop_at_hand())
        if "current_app" in _env_py(config):
            stack.enter_context(surroundings())
        yield


@contextlib.contextmanager
def logging_kept() -> Iterator[None]:
    """Undo what Alembic's `fileConfig` does: it disables loggers and replaces handlers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    silent = {logger for logger in _loggers() if logger.disabled}
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        # Those included that an import of `env.py` made.
        for logger in _loggers():
            logger.disabled = logger in silent


def _loggers() -> list[logging.Logger]:
    known = logging.getLogger().manager.loggerDict.values()
    return [logger for logger in known if isinstance(logger, logging.Logger)]
