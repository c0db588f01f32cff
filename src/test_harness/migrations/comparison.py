"""Whether the models and the migrations lead to the same schema, down to what Alembic overlooks.

Both are built on the same server and read back, so that the server has rewritten both alike:
CHECK constraints, enum types, server defaults, expressions of indexes, collations, comments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, MetaData, text
from sqlalchemy import Table as ModelTable
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from test_harness.databases.database import Database
from test_harness.isolation.seam import Seam
from test_harness.migrations.findings import Finding
from test_harness.migrations.snapshot import (
    KNOWN_BY_DEFINITION,
    Snapshot,
    Table,
    differences,
    literals,
    make_catalog,
    unquoted,
)
from test_harness.runtime.schema import SYNC_DRIVERS, sync_engine

_FIX = "run `alembic revision --autogenerate`; what it leaves out is to be written by hand"


@dataclass(frozen=True)
class Target:
    """A schema that models are compared with.

    Args:
        schema: The schema.
        options: What `env.py` configured, such as `include_object`.
        begun: The values that enum types had when they were made; None where nobody knows.
    """

    schema: Snapshot
    options: dict[str, Any] = field(default_factory=dict)
    begun: Mapping[str, str] | None = None


def compare(target: Target, metadata: MetaData, database: Database, seam: Seam) -> list[Finding]:
    """Return what differs between a schema and the models.

    Args:
        target: The schema that the migrations lead to, or the one of a dump.
        metadata: The models, unless `env.py` names its own.
        database: Where the schema of the models is built; it is created and dropped.
        seam: Lets the harness in there.
    """
    head, options = target.schema, target.options
    models = options.get("target_metadata") or metadata
    listed: list[MetaData] = [*models] if isinstance(models, (list, tuple)) else [models]
    try:
        with _built(listed, head, database, seam) as connection:
            wanted = make_catalog(database.engine).read(connection, {})
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        problem = f"create_all cannot build the schema of the models: {reason}"
        fix = "mend the model, or have an event of its table make what it needs"
        return [Finding("models", "create_all", problem, fix)]
    included = _filter(options, listed)
    found = {name: table for name, table in head.items() if included(name, table, reflected=True)}
    models_of_now = wanted
    wanted = {
        name: table for name, table in wanted.items() if included(name, table, reflected=False)
    }
    # A schema, a function or a view is nothing that models could declare.
    found[""] = _enums(found.get("", Table()))
    wanted[""] = _enums(wanted.get("", Table()))
    lines = {
        **differences(found, wanted, by_name=False),
        **_renamed(found, wanted, listed, database.engine),
        **_reordered(head, models_of_now, target.begun),
    }
    return [
        Finding("models", where, line, _FIX)
        for where, line in lines.items()
        if not where.startswith("trigger ")
    ]


def _renamed(
    found: Snapshot, wanted: Snapshot, models: list[MetaData], engine: str
) -> dict[str, str]:
    """Return the constraints that are called otherwise than the models say.

    Those that have no name there are called by the database as it likes.
    """
    preparer = make_url(f"{SYNC_DRIVERS[engine]}://").get_dialect()().identifier_preparer
    lines = {}
    for table in (table for metadata in models for table in metadata.tables.values()):
        ours, theirs = found.get(table.fullname), wanted.get(table.fullname)
        if ours is None or theirs is None:
            continue
        given = {preparer.format_constraint(it) for it in table.constraints if it.name is not None}
        given = {unquoted(name) for name in given if name}
        for key, name in theirs.things.items():
            there = ours.things.get(key, name)
            if key.startswith(KNOWN_BY_DEFINITION) and name in given and there != name:
                where = f"{key} on {table.fullname}"
                lines[where] = (
                    f"differs:   {where} is called {there or 'nothing'}; the models call it {name}"
                )
    return lines


def _reordered(head: Snapshot, models: Snapshot, begun: Mapping[str, str] | None) -> dict[str, str]:
    """Return the enum types whose values have another order than in the models.

    A value that was added to a type later comes last, wherever the class has it.
    """
    lines = {}
    theirs = models.get("", Table()).things
    for key, values in head.get("", Table()).things.items():
        if begun is None or not key.startswith("enum ") or key not in theirs:
            continue
        first = literals(begun.get(key, values))
        ours, wanted = (
            [it for it in literals(text) if it in first] for text in (values, theirs[key])
        )
        if ours != wanted and sorted(ours) == sorted(wanted):
            lines[key] = f"differs:   {key} is {values}; should be {theirs[key]}, in this order"
    return lines


@contextmanager
def _built(
    models: list[MetaData], head: Snapshot, database: Database, seam: Seam
) -> Iterator[Connection]:
    database.create()
    try:
        with seam.real_connections(database), sync_engine(database) as engine:
            with engine.begin() as connection:
                _prepare(connection, head)
                for metadata in models:
                    metadata.create_all(connection)
            with engine.connect() as connection:
                yield connection
    finally:
        database.drop()


def _prepare(connection: Connection, head: Snapshot) -> None:
    """Make the extensions and schemas of PostgreSQL, which migrations make and models do not."""
    for kind in ("extension", "schema"):
        for thing in head.get("", Table()).things:
            if thing.startswith(f"{kind} "):
                name = thing.partition(" ")[2]
                connection.execute(text(f'CREATE {kind} IF NOT EXISTS "{name}"'))


def _filter(options: dict[str, Any], models: list[MetaData]) -> Callable[..., bool]:
    """Return whether a table takes part, as `include_object` and `include_name` of `env.py` say."""
    include_object = options.get("include_object")
    include_name = options.get("include_name")
    declared = {table.fullname: table for metadata in models for table in metadata.tables.values()}

    def included(name: str, table: Table, *, reflected: bool) -> bool:
        schema, _, short = name.rpartition(".")
        if name and include_name and reflected:
            parents = {"schema_name": schema or None, "schema_qualified_table_name": name}
            if not include_name(short, "table", parents):
                return False
        if name and include_object:
            known = declared.get(name)
            there = ModelTable(short, MetaData(), schema=schema or None) if known is None else known
            return bool(
                include_object(there, short, "table", reflected, known if reflected else None)
            )
        return True

    return included


def _enums(table: Table) -> Table:
    # Without their order: a value that is added to a type comes last, wherever the class has it.
    return Table(
        things={
            key: ", ".join(sorted(value.split(", ")))
            for key, value in table.things.items()
            if key.startswith("enum ")
        }
    )
