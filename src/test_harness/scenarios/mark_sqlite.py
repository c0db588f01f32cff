"""The mark of a development database in SQLite: the application that its file says it is of.

https://www.sqlite.org/pragma.html#pragma_application_id
"""

from __future__ import annotations

from sqlalchemy import Connection

from test_harness.errors import HarnessError

MARK = int.from_bytes(b"seed", "big")


def is_marked(connection: Connection) -> bool:
    """Return whether the harness marked the database."""
    return connection.exec_driver_sql("PRAGMA application_id").scalar() == MARK


def write_mark(connection: Connection) -> None:
    """Mark the database as one that scenarios may be written to.

    Raises:
        HarnessError: It says that it is of another application.
    """
    found = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if found:
        raise HarnessError(
            f"The database says that it is of an application with the number {found}.",
            "Name a new file.",
        )
    connection.exec_driver_sql(f"PRAGMA application_id = {MARK}")
