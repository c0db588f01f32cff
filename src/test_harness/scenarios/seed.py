"""Writes a scenario into a development database, and sees to it that nothing else is reached.

Engines of the process are led to that database and all other ways are locked, as in a run of the
tests. It has to be empty, or to carry the mark that it is given before the first row is written;
rows that are there are neither changed nor deleted.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, event, func, inspect, select, table
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import SQLAlchemyError

from test_harness.application.environment import load_environment
from test_harness.application.loading import application
from test_harness.application.own_packages import give_back
from test_harness.application.sessions import SuiteSession
from test_harness.application.stand_ins import stand_in_for_drivers
from test_harness.errors import HarnessError, NoConnectionError, first_line
from test_harness.factories.base import bound_to, start_sequences
from test_harness.isolation.leads import led_to
from test_harness.isolation.seam import Seam
from test_harness.lock.addresses import database_name, sqlite_path
from test_harness.lock.callers import caller
from test_harness.lock.connections import Lock
from test_harness.lock.network import Network
from test_harness.project import project_dir, suite_dir
from test_harness.runtime.others import name_of
from test_harness.runtime.schema import build_schema, load_metadata, sync_engine
from test_harness.scenarios.address import DevelopmentDatabase, development_database
from test_harness.scenarios.finding import find_scenario
from test_harness.seeding import seed_everything
from test_harness.settings import settings

# Tables in which migrations note how far they came: Alembic's, and Advanced Alchemy's.
VERSIONS = {"alembic_version", "ddl_version"}

Rows = dict[str, int]


def seed(address: str, name: str) -> Iterator[str]:
    """Write a scenario and yield what to tell about it.

    Args:
        address: The database.
        name: The scenario; may be empty where there is only one.

    Raises:
        HarnessError: The database may not be written to, or the scenario cannot be.
    """
    load_environment(suite_dir() / "test.env")
    stand_in_for_drivers(settings().database.engine)
    database = development_database(address, settings().database)
    with held(database) as seam, sync_engine(database) as engine:
        try:
            marked = _check(engine, database)
        except NoConnectionError as error:
            raise HarnessError(
                f"{database.shown} cannot be reached: {error.reason}.",
                "Start its server and create the database, or correct DATABASE_URL.",
            ) from None
        give_back()
        application()
        metadata = load_metadata(settings().database)
        scenario = find_scenario(name)
        complete = _has_tables(engine, metadata, database)
        if not marked:
            with engine.begin() as connection:
                _marks(database).write_mark(connection)
        if not complete:
            build_schema(seam, database, settings().database)
        before = _rows(engine)
        try:
            made = _write(engine, scenario, max(before.values(), default=0))
        except SQLAlchemyError as error:
            raise HarnessError(
                f"The scenario {scenario.__name__} cannot be written to {database.shown}, and no "
                f"row of it was: {first_line(error)}",
                "Mend the scenario; if it is there already, name an empty database.",
            ) from error
        yield f"{scenario.__name__} is written to {database.shown}:"
        for place, count in _rows(engine).items():
            if count > before.get(place, 0):
                yield f"  {count - before.get(place, 0)} rows in {place}"
        yield from _names(made)


class SeedLock(Lock):
    """Lets the one file pass, which asynchronous drivers open in threads of their own."""

    file: Path | None = None

    def _check_file(self, database: Any) -> None:
        path = sqlite_path(database)
        if path is None or path.resolve() != self.file:
            super()._check_file(database)


@contextmanager
def held(database: DevelopmentDatabase) -> Iterator[Seam]:
    """Within the block this process reaches one database, and no other."""
    seam = Seam([database], lambda _: None)
    lock = SeedLock(
        project_dir(),
        lambda: f"directly; the database to write to is {database.shown}",
        "Go through SQLAlchemy, which the harness leads to that one.",
    )
    lock.file = (
        sqlite_path(str(database.url("sqlite").database)) if database.engine == "sqlite" else None
    )
    network = Network({*settings().application.allowed_hosts.split(), *database.hosts})
    with ExitStack() as stack:
        # Asked before the seam, which leads all there is to the one database.
        event.listen(Engine, "do_connect", _refuse_others)
        stack.callback(event.remove, Engine, "do_connect", _refuse_others)
        seam.install()
        stack.callback(seam.uninstall)
        lock.install()
        stack.callback(lock.uninstall)
        network.install(lock)
        stack.callback(network.uninstall)
        stack.enter_context(seam.real_connections(database))
        yield seam


def _refuse_others(
    dialect: Dialect, record: Any, cargs: Sequence[Any], cparams: Mapping[str, Any]
) -> None:
    if led_to(dialect) is not None:
        return
    name = name_of(dialect, lambda: database_name(cargs, cparams))
    if name:
        raise HarnessError(
            f"{caller()} tried to reach the database {name!r}, and a scenario is written to the "
            "application's first database alone.",
            "Have the scenario make rows of the first one, and bring each database to its newest "
            "schema as you do for development.",
        )


def _check(engine: Engine, database: DevelopmentDatabase) -> bool:
    """Return whether the database carries the mark.

    Raises:
        HarnessError: It does not, and holds rows.
    """
    with engine.connect() as connection:
        if _marks(database).is_marked(connection):
            return True
    filled = next((place for place, count in _rows(engine).items() if count), None)
    if filled is not None:
        raise HarnessError(
            f"{database.shown} holds rows (in {filled}) and does not carry the harness's mark.",
            "Name an empty database; the harness marks the one that it writes to.",
        )
    return False


def _has_tables(engine: Engine, metadata: MetaData, database: DevelopmentDatabase) -> bool:
    """Return whether the schema is there, false when there is none at all.

    Raises:
        HarnessError: Half of it is there.
    """
    inspector = inspect(engine)
    found = {*_tables(engine), *((None, name) for name in inspector.get_view_names())}
    if not {name for _, name in found} - VERSIONS:
        return False
    own = {None, inspector.default_schema_name}
    missing = sorted(
        one.name
        for one in metadata.tables.values()
        if (None if one.schema in own else one.schema, one.name) not in found
    )
    if missing:
        raise HarnessError(
            f"{database.shown} has tables, but not {missing[0]}.",
            "Bring it to the newest schema as you do for development, or name an empty database.",
        )
    return True


def _tables(engine: Engine) -> list[tuple[str | None, str]]:
    """Return the tables of the database by schema, which is None for its default one."""
    inspector = inspect(engine)
    schemas: list[str | None] = [None]
    if engine.dialect.name == "postgresql":
        others = set(inspector.get_schema_names()) - {"information_schema"}
        schemas += sorted(others - {inspector.default_schema_name})
    return [(schema, name) for schema in schemas for name in inspector.get_table_names(schema)]


def _rows(engine: Engine) -> Rows:
    """Return how many rows each table has; those in which migrations take notes do not count."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table(name, schema=schema)))
            or 0
            for schema, name in _tables(engine)
            if name not in VERSIONS
        }


def _write(engine: Engine, scenario: Any, number: int) -> Any:
    with SuiteSession(engine, expire_on_commit=False) as session, bound_to(session):
        # What a scenario writes for the second time has other values than before.
        seed_everything(number, scenario.__name__)
        start_sequences(number)
        made = scenario()
        session.commit()
        return made


def _names(made: Any) -> Iterator[str]:
    """Yield the objects that a scenario gives names to, with their keys."""
    named = made if isinstance(made, Mapping) else getattr(made, "__dict__", {})
    for name, row in named.items():
        state = inspect(row, raiseerr=False)
        if hasattr(state, "identity"):
            keys = ", ".join(str(key) for key in state.identity or ())
            yield f"  {name}: {type(row).__name__} {keys}"


def _marks(database: DevelopmentDatabase) -> Any:
    return importlib.import_module(f"test_harness.scenarios.mark_{database.engine}")
