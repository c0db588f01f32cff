"""A plugin of pytest that writes down every statement of a run which changes a database.

A commit is written down as the statement of that name.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
# By the database that it was sent to.
SENT: dict[str, list[tuple[str, Any]]] = {}


def pytest_configure() -> None:
    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", note_commit)


def note(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
    if statement.lstrip().upper().startswith(CHANGES):
        SENT.setdefault(database_of(cursor.connection), []).append((statement, parameters))


def note_commit(connection: Any) -> None:
    database = database_of(connection.connection.dbapi_connection)
    if SENT.get(database):
        SENT[database].append(("COMMIT", ()))


def database_of(connection: Any) -> str:
    if hasattr(connection, "info"):
        return str(connection.info.dbname)
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    return file or str(id(connection))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    Path(os.environ["RECORDED"]).write_text(json.dumps([*SENT.values()], default=str), "utf-8")
