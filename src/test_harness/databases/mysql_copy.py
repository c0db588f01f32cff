"""Copies a MySQL or MariaDB database, which neither server can do by itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeAlias

import pymysql
from pymysql.constants.ER import NO_SUCH_TABLE
from pymysql.cursors import Cursor

Connection: TypeAlias = "pymysql.Connection[Cursor]"
Rows = tuple[tuple[Any, ...], ...]

COLUMNS = """SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = {0} AND coalesce(generation_expression, '') = ''
    ORDER BY table_name, ordinal_position"""
CONTENTS = (
    # Sequences first, which defaults of tables refer to.
    """SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = {0}
    ORDER BY table_type <> 'SEQUENCE', table_name""",
    COLUMNS,
    """SELECT routine_type, routine_name FROM information_schema.routines
    WHERE routine_schema = {0} ORDER BY routine_type""",
    """SELECT 'TRIGGER', trigger_name FROM information_schema.triggers
    WHERE trigger_schema = {0} ORDER BY event_object_table, action_order""",
)


def copy_database(connection: Connection, source: str, target: str, without: str) -> None:
    """Fill an empty database with the tables, rows, routines, triggers and views of another.

    Events are left out: they would write to the copy while a test runs.

    Args:
        connection: One that takes several statements at once.
        source: Where they come from.
        target: Where they go.
        without: The one view that is not copied.
    """
    # In the database itself, so that most names are shown without it.
    _, *contents = send(
        connection,
        f"USE {quoted(source)}",
        *(query.format(connection.escape(source)) for query in CONTENTS),
    )
    relations, columns, *programs = contents
    tables = [name for name, kind in relations if kind != "VIEW"]
    views = [name for name, kind in relations if kind == "VIEW" and name != without]
    stored = [row for rows in programs for row in rows]
    shown = [
        rows[0]
        for rows in send(
            connection,
            *(f"SHOW CREATE TABLE {quoted(name)}" for name in tables),
            *(f"SHOW CREATE {kind} {quoted(name)}" for kind, name in stored),
            *(f"SHOW CREATE VIEW {quoted(name)}" for name in views),
        )
    ]

    def moved(statement: str) -> str:
        return statement.replace(f"{quoted(source)}.", f"{quoted(target)}.")

    send(
        connection,
        f"USE {quoted(target)}",
        # Tables come in no order, a zero is a value like others, and what the template holds was
        # accepted when it was built.
        "SET SESSION foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
        *(moved(row[1]) for row in shown[: len(tables)]),
        # One transaction, so that it is written to the disk once.
        "BEGIN",
        *inserts(source, tables, columns),
        "COMMIT",
        *(
            part
            for row in shown[len(tables) : len(tables) + len(stored)]
            for part in (f"SET SESSION sql_mode = '{row[1]}'", moved(row[2]))
        ),
        "SET SESSION foreign_key_checks = 1, unique_checks = 1, sql_mode = DEFAULT",
    )
    _create_views(connection, [moved(row[1]) for row in shown[len(tables) + len(stored) :]])


def send(connection: Connection, *statements: str) -> list[Rows]:
    """Run statements in one round trip and return the rows of each."""
    results = []
    if statements:
        with connection.cursor() as cursor:
            # On a line of its own, because what comes before may end in a comment.
            cursor.execute("\n;\n".join(statements))
            results.append(cursor.fetchall())
            while cursor.nextset():
                results.append(cursor.fetchall())
    return results


def fetch(connection: Connection, query: str, *arguments: Any) -> Rows:
    """Run a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, arguments or None)
        rows: Rows = cursor.fetchall()
    return rows


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return "`" + name.replace("`", "``") + "`"


def inserts(source: str, tables: list[str], columns: Rows) -> list[str]:
    """Return what fills tables with the rows that those of another database have.

    Args:
        source: The other database.
        tables: The names of the tables.
        columns: Pairs of a table and one of its columns that takes a value.
    """
    names = defaultdict(list)
    for table, column in columns:
        names[table].append(quoted(column))
    return [
        f"INSERT INTO {quoted(table)} ({', '.join(names[table])}) "  # noqa: S608 - quoted
        f"SELECT {', '.join(names[table])} FROM {quoted(source)}.{quoted(table)}"
        for table in tables
    ]


def _create_views(connection: Connection, statements: list[str]) -> None:
    """Create views, those that others are made of before those."""
    while statements:
        waiting = [statement for statement in statements if not _created(connection, statement)]
        if len(waiting) == len(statements):
            return  # what they are made of is gone from the template as well
        statements = waiting


def _created(connection: Connection, statement: str) -> bool:
    try:
        send(connection, statement)
    except pymysql.err.ProgrammingError as error:
        if error.args[0] != NO_SUCH_TABLE:
            raise
        return False
    return True
