"""The mark of a development database in MySQL and MariaDB: a view, which no migration looks at."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from test_harness.databases.naming import PREFIX

MARK = f"{PREFIX}_seeded"


def is_marked(connection: Connection) -> bool:
    """Return whether the harness marked the database."""
    return MARK in inspect(connection).get_view_names()


def write_mark(connection: Connection) -> None:
    """Mark the database as one that scenarios may be written to."""
    connection.exec_driver_sql(
        f"CREATE SQL SECURITY INVOKER VIEW {MARK} AS SELECT 'make seed' AS owner"
    )
