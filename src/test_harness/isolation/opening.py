"""Opens a real connection for an engine that was led to a test database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect

from test_harness.databases.database import Database
from test_harness.errors import NoConnectionError, first_line
from test_harness.isolation.drivers import real as drivers
from test_harness.lock.callers import caller
from test_harness.lock.connections import permitted

# What an application may say about how it talks to a database, as opposed to which one it talks to.
CONNECT_ARGUMENTS_KEPT = {
    drivers.FALLBACK,
    "charset",
    "detect_types",
    "init_command",
    "options",
    "prepare_threshold",
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "server_settings",
    "sql_mode",
    "statement_cache_size",
    "timeout",
}


def open_real(
    database: Database,
    dialect: Dialect,
    asked: Mapping[str, Any],
    prepare: Callable[[DBAPIConnection], Any],
    role: str,
) -> DBAPIConnection:
    """Connect to a test database.

    Args:
        database: Which one.
        dialect: That of the engine.
        asked: The arguments that the application gives its driver.
        prepare: What is done with the connection first.
        role: What it is to be instead of the role that the tests connect as; empty for that one.

    Raises:
        NoConnectionError: It gives none.
    """
    arguments, parameters = dialect.create_connect_args(
        database.url(f"{dialect.name}+{dialect.driver}")
    )
    kept = {key: asked[key] for key in CONNECT_ARGUMENTS_KEPT & asked.keys()}
    kept = as_role(dialect, kept, role)
    try:
        with permitted():
            connection = drivers.connect(dialect, arguments, {**parameters, **kept})
        prepare(connection)
    except dialect.loaded_dbapi.Error as error:
        raise NoConnectionError(caller(), database.shown, first_line(error)) from None
    return connection


def as_role(dialect: Dialect, parameters: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return the arguments for a driver of PostgreSQL that make a connection another role's.

    As part of connecting, so that `RESET ROLE` leads back to it.
    """
    if not role:
        return {**parameters}
    if dialect.driver == "asyncpg":
        settings = {**(parameters.get("server_settings") or {}), "role": role}
        return {**parameters, "server_settings": settings}
    escaped = re.sub(r"([\\\s])", r"\\\1", role)
    options = f"{parameters.get('options') or ''} -c role={escaped}".strip()
    return {**parameters, "options": options}
