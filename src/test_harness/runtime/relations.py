"""What the tables of a test database are, beyond what models say: views, and partitions."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing, suppress
from typing import Any

from sqlalchemy import MetaData, inspect
from sqlalchemy.exc import NoSuchTableError

from test_harness.databases.database import Database
from test_harness.lock.connections import permitted
from test_harness.runtime.process import Runtime
from test_harness.runtime.schema import SYNC_DRIVERS, sync_engine

# The partition for all others comes first, then the newest: they are likely to be there tomorrow.
_POSTGRESQL = """
SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname,
    pg_get_partition_constraintdef(t.relid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
    LATERAL pg_partition_tree(c.oid) t JOIN pg_class leaf ON leaf.oid = t.relid
WHERE c.relkind = 'p' AND NOT c.relispartition AND t.isleaf
ORDER BY pg_get_expr(leaf.relpartbound, leaf.oid) = 'DEFAULT' DESC, leaf.oid DESC
"""
_MYSQL = """
SELECT DISTINCT table_name, partition_method, partition_expression, partition_description,
    partition_ordinal_position
FROM information_schema.partitions
WHERE table_schema = DATABASE() AND partition_name IS NOT NULL
ORDER BY partition_ordinal_position
"""
_HASHED = re.compile(r"satisfies_hash_partition\((?:[^()]|\([^()]*\))*\)")
_PARTITIONS = 12


def views(harness: Runtime, metadata: MetaData) -> set[str]:
    """Return the tables of the models that are views in the database, or tables of another one.

    Args:
        harness: Whose test database it is, which is there.
        metadata: The models.
    """
    found: set[str] = set()
    with harness.seam.real_connections(), sync_engine(harness.database) as engine:
        there = inspect(engine)
        for schema in {table.schema for table in metadata.tables.values()}:
            names = {*there.get_view_names(schema)}
            if harness.database.engine == "postgresql":
                others: Any = there
                names |= {*others.get_materialized_view_names(schema)}
                names |= {*others.get_foreign_table_names(schema)}
            found |= {f"{schema}.{name}" if schema else name for name in names}
    return found & metadata.tables.keys()


def absent_tables(harness: Runtime, database: Database, metadata: MetaData) -> list[str]:
    """Return the tables of the models that are neither tables nor views of a database.

    Args:
        harness: Whose test database it is, which is there.
        database: That of the models.
        metadata: The models.
    """
    with harness.seam.real_connections(), sync_engine(database) as engine:
        there = inspect(engine)
        return sorted(
            table.fullname
            for table in metadata.tables.values()
            if not there.has_table(table.name, schema=table.schema)
        )


def checks(harness: Runtime, metadata: MetaData) -> dict[str, list[tuple[str, str]]]:
    """Return the CHECK constraints of each table in the database, as names and SQL.

    Args:
        harness: Whose test database it is, which is there.
        metadata: The models, whose tables are asked about.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    with harness.seam.real_connections(), sync_engine(harness.database) as engine:
        there = inspect(engine)
        for table in metadata.tables.values():
            with suppress(NoSuchTableError, NotImplementedError):
                for one in there.get_check_constraints(table.name, schema=table.schema):
                    said = (str(one["name"] or ""), one["sqltext"])
                    found.setdefault(table.fullname, []).append(said)
    return found


def bounds(database: Database) -> dict[str, str]:
    """Return what the partitions of each table ask of a row, as a CHECK constraint would.

    Args:
        database: One that is there; it is asked on a connection that no test knows of.
    """
    if database.engine == "postgresql":
        leaves: dict[str, list[str]] = defaultdict(list)
        for name, condition in _ask(database, "SET timezone = 'UTC'", _POSTGRESQL):
            # Without a condition a hash alone decides, which every row has.
            leaves[name].append(_HASHED.sub("true", condition or "true"))
        return {
            name: " OR ".join(f"({_zoned(it)})" for it in conditions[:_PARTITIONS])
            for name, conditions in leaves.items()
        }
    if database.engine == "mysql":
        parts: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for name, *part, _ in _ask(database, _MYSQL):
            parts[name].append((part[0], part[1], part[2]))
        conditions = {name: _of_mysql(of_table) for name, of_table in parts.items()}
        return {name: condition for name, condition in conditions.items() if condition}
    return {}


def _of_mysql(partitions: list[tuple[str, str, str]]) -> str:
    """Return the condition of a table: below the last of its ranges, or one of its values."""
    method, expression, last = partitions[-1]
    if method.startswith("RANGE"):
        # Of several columns the first one decides.
        first, most = expression.partition(",")[0], re.split(r",(?=\S)", last)[0]
        if method == "RANGE":
            first, most = expression, last
        return "" if most == "MAXVALUE" else f"{first} < {most}"
    if method.startswith("LIST") and not (method == "LIST COLUMNS" and "," in expression):
        values = ", ".join(values for _, _, values in partitions)
        return "" if "DEFAULT" in values else f"{expression} IN ({values})"
    return ""


def _zoned(condition: str) -> str:
    """Return a condition with offsets as Python reads them, which wants their minutes."""
    return re.sub(r"(:\d\d(?:\.\d+)?[+-]\d\d)'", r"\1:00'", condition)


def _ask(database: Database, *statements: str) -> list[tuple[Any, ...]]:
    url = database.url(SYNC_DRIVERS[database.engine])
    kind: Any = url.get_dialect()
    dialect = kind(dbapi=kind.import_dbapi())
    arguments, parameters = dialect.create_connect_args(url)
    with permitted():
        connection = dialect.connect(*arguments, **parameters)
    with closing(connection), closing(connection.cursor()) as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())
