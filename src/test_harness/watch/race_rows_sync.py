"""What several do with one row at once, whatever the model is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from test_harness.watch.race_models import impatient_engines, touchable


def write_anew(engine: Engine, binds: Any, row: Any) -> None:
    """Read a row in a session of its own, and write it, as whoever edits it does.

    Args:
        engine: That of the suite.
        binds: The engines of tables that are in other databases.
        row: As the test's session has it.
    """
    with Session(engine, binds=binds) as session:
        found = session.get(type(row), inspect(row).identity)
        flag_modified(found, touchable(type(row)))
        session.commit()


def impatience(engine: Engine) -> list[str]:
    """Return of which engines of the application, on SQLite, two that write at once may fail."""
    return impatient_engines(engine)
