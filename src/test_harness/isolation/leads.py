"""Engines of the harness's own, whose address does not tell which database they are for."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import Dialect

from test_harness.databases.database import Database

_to: WeakKeyDictionary[Dialect, Database] = WeakKeyDictionary()
_for: WeakKeyDictionary[Dialect, str] = WeakKeyDictionary()


def lead_to(engine: Engine, database: Database) -> None:
    """Have an engine reach one database, with connections of its own, whatever others do."""
    _to[engine.dialect] = database


def lead_for(engine: Engine, name: str) -> None:
    """Have an engine go where those of the application go that are for the database of a name."""
    _for[engine.dialect] = name


def led_to(dialect: Dialect) -> Database | None:
    """Return the one database that an engine is to reach, None for all but a few."""
    return _to.get(dialect)


def led_for(dialect: Dialect) -> str | None:
    """Return the name of the database that an engine is for, None where its address tells."""
    return _for.get(dialect)
