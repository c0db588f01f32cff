"""The mark of a development database in PostgreSQL: a line of its comment."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from test_harness.databases.naming import PREFIX
from test_harness.errors import HarnessError, first_line

MARK = f"{PREFIX} seeded"
COMMENT = """
SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()
"""
WRITE = "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), CAST(:comment AS text))"


def is_marked(connection: Connection) -> bool:
    """Return whether the harness marked the database."""
    return MARK in _lines(connection)


def write_mark(connection: Connection) -> None:
    """Mark the database as one that scenarios may be written to; a comment that it has is kept.

    Raises:
        HarnessError: The role may not.
    """
    comment = "\n".join([*_lines(connection), MARK])
    write = connection.scalar(text(WRITE), {"comment": comment})
    try:
        connection.execution_options(no_parameters=True).exec_driver_sql(str(write))
    except ProgrammingError as error:
        raise HarnessError(
            f"The database cannot be marked: {first_line(error)}",
            "Name its owner in DATABASE_URL.",
        ) from None


def _lines(connection: Connection) -> list[str]:
    return (connection.scalar(text(COMMENT)) or "").splitlines()
