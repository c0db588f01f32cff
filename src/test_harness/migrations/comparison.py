"""Whether the models and the migrations lead to the same schema, down to what Alembic overlooks.

Both are built on the same server and read back, so that the server has rewritten both alike:
CHECK constraints, enum types, server defaults, expressions of indexes, collations, comments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, text
from sqlalchemy import Table as ModelTable
from sqlalchemy.exc import SQLAlchemyError

from test_harness.databases.database import Database
from test_harness.isolation.seam import Seam
from test_harness.migrations.findings import Finding
from test_harness.migrations.snapshot import Snapshot, Table, differences, make_catalog
from test_harness.runtime.schema import sync_engine

_FIX = "run `alembic revision --autogenerate`; what it leaves out is to be written by hand"


def compare(
    head: Snapshot, options: dict[str, Any], metadata: MetaData, database: Database, seam: Seam
) -> list[Finding]:
    """Return what differs between a schema and the models.

    Args:
        head: The schema that the migrations lead to.
        options: What `env.py` configured, such as `include_object`.
        metadata: The models, unless `env.py` names its own.
        database: Where the schema of the models is built; it is created and dropped.
        seam: Lets the harness in there.
    """
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
    wanted = {
        name: table for name, table in wanted.items() if included(name, table, reflected=False)
    }
    # A schema, a function or a view is nothing that models could declare.
    found[""] = _enums(found.get("", Table()))
    wanted[""] = _enums(wanted.get("", Table()))
    return [
        Finding("models", where, line, _FIX)
        for where, line in differences(found, wanted, by_name=False).items()
        if not where.startswith("trigger ")
    ]


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
