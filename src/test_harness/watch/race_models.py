"""What of an application's models and engines is made for several at once."""

from __future__ import annotations

import gc
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.orm import ColumnProperty

from test_harness.factories.contract import classes_with_factories
from test_harness.isolation.leads import led_for, led_to
from test_harness.living import living


def versioned_classes() -> list[type[Any]]:
    """Return the mapped classes whose rows count their versions, with something else to change."""
    return [
        model
        for model in classes_with_factories()
        if model.__mapper__.version_id_col is not None and touchable(model)
    ]


def touchable(model: type[Any]) -> str:
    """Return an attribute of a class that may be written at any time; empty without one."""
    mapper = model.__mapper__
    for attribute in mapper.attrs:
        if not isinstance(attribute, ColumnProperty):
            continue
        column: Any = attribute.columns[0]
        is_given = mapper.version_id_col is column or column.primary_key or column.foreign_keys
        if not is_given and getattr(column, "table", None) is not None and not column.computed:
            return attribute.key
    return ""


def impatient_engines(of_the_harness: Engine) -> list[str]:
    """Say of which engines of the application, on SQLite, two that write at once may fail.

    For asynchronous engines this is to be called in a SQLAlchemy greenlet.

    Args:
        of_the_harness: The one that is not the application's.
    """
    found = []
    gc.collect()  # What other tests have made and let go.
    for engine in living(Engine):
        dialect = engine.dialect
        is_own = engine is of_the_harness or led_to(dialect) or led_for(dialect) is not None
        if (
            is_own
            or dialect.name != "sqlite"
            or dialect.is_async != of_the_harness.dialect.is_async
        ):
            continue
        with engine.connect() as connection:
            timeout = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        if not timeout and mode != "wal":
            found.append(
                f"The engine for {engine.url.render_as_string()} waits for nobody "
                "(PRAGMA busy_timeout is 0) and is not in WAL mode, so that whoever writes while "
                "another one reads or writes gets `database is locked`."
            )
    return found
