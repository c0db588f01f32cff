"""What SQLite is told of an application's own as it connects: PRAGMAs that production runs with."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from sqlalchemy.engine import Engine

from test_harness.isolation.leads import led_to
from test_harness.living import living
from test_harness.settings import settings

_PRAGMA = re.compile(r"(?i)\s*PRAGMA\s+(?:main\s*\.\s*)?(\w+)\s*(?:=|\()\s*['\"]?([\w.+-]+)")
# Listeners that are no application's: they note, or set up what SQLAlchemy needs.
_OF_LIBRARIES = ("sqlalchemy.", "test_harness.")

# What shows that a foreign key is not just declared.
PARENTS = "CREATE TABLE harness_parents (id INTEGER PRIMARY KEY)"
CHILDREN = "CREATE TABLE harness_children (parent INTEGER REFERENCES harness_parents (id))"
ORPHAN = "INSERT INTO harness_children (parent) VALUES (1)"


def named(text: str) -> dict[str, str]:
    """Return the values by the names of PRAGMAs as `[database] pragmas` has them: `a=1 b=ON`."""
    return dict(part.partition("=")[::2] for part in text.split())


def shown(pragmas: Mapping[str, str]) -> str:
    """Return PRAGMAs as `[database] pragmas` has them."""
    return " ".join(f"{name}={value}" for name, value in pragmas.items())


def asked_for(engine: Engine) -> dict[str, str]:
    """Return what an application's `connect` listeners set, by name, in small letters.

    Args:
        engine: One for SQLite. Its listeners are called with a connection that only listens.
    """
    # Many look at what they were given first.
    connection = MagicMock(spec=_kind_of_connection(engine))
    for listener in engine.pool.dispatch.connect:
        if not getattr(listener, "__module__", "sqlalchemy.").startswith(_OF_LIBRARIES):
            # One that looks at the answers may not like what it gets.
            with suppress(Exception):
                listener(connection, MagicMock())
    sent = [given for call in connection.mock_calls for given in call.args]
    matches = [_PRAGMA.match(text) for text in sent if isinstance(text, str)]
    return {match[1].lower(): match[2] for match in matches if match}


def _kind_of_connection(engine: Engine) -> type[Any]:
    if not engine.dialect.is_async:
        return sqlite3.Connection
    from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection

    return AsyncAdapt_aiosqlite_connection


def engines_that_ask() -> list[tuple[Engine, dict[str, str]]]:
    """Return the application's engines for SQLite that set PRAGMAs, each with what it sets."""
    is_async = settings().application.mode != "sync"
    engines = [
        engine
        for engine in living(Engine)
        if engine.dialect.name == "sqlite"
        and engine.dialect.is_async is is_async
        and led_to(engine.dialect) is None
    ]
    return [(engine, asked) for engine in engines if (asked := asked_for(engine))]


def meaning(name: str, value: str, folder: Path) -> Any:
    """Return what SQLite itself answers of a PRAGMA once it was set, None where it says nothing.

    Args:
        name: Of the PRAGMA.
        value: What it is set to.
        folder: Where a database may be made to find out.
    """
    with closing(sqlite3.connect(folder / "pragmas.sqlite3")) as connection:
        connection.execute(f"PRAGMA {name} = {value}")
        row = connection.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None


def engines_for(name: str, value: str) -> list[Any]:
    """Return the application's engines that set a PRAGMA to a value, as its mode has them.

    Args:
        name: Of the PRAGMA.
        value: What it has to be set to.
    """
    asking = engines_that_ask()
    setting = [engine for engine, asked in asking if asked.get(name, "").upper() == value.upper()]
    if settings().application.mode == "sync":
        return setting
    from sqlalchemy.ext.asyncio import AsyncEngine

    return [*map(AsyncEngine, setting)]


def unset(name: str, value: str) -> str:
    """Return what is wrong where no engine of the application sets a PRAGMA to a value."""
    return (
        f"nothing sets PRAGMA {name} = {value} as the application connects; "
        "where that is meant, correct [database] pragmas in harness.toml or its entry in "
        "observed.toml"
    )
