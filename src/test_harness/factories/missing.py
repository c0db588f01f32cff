"""Tables and columns that the models have, and the schema of the test database has not."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table
from sqlalchemy import inspect as inspect_database
from sqlalchemy.exc import NoSuchTableError

from test_harness.errors import HarnessError
from test_harness.factories.mapped import mapped_classes
from test_harness.known import Seen
from test_harness.lock.callers import shown_place
from test_harness.runtime.process import runtime
from test_harness.runtime.schema import sync_engine
from test_harness.runtime.tables import database_with
from test_harness.settings import settings


class MissingError(HarnessError):
    """The schema lacks what a model has.

    Args:
        missing: What the schema lacks, such as `column invoices.total`.
        model: The class that asks for it; None where no class does.
    """

    def __init__(self, missing: str, model: type[Any] | None) -> None:
        place = place_of_class(model) if model else ""
        owner = f", which {model.__name__} has" if model else ""
        by_migrations = settings().database.migrations
        super().__init__(
            f"The {'migrated ' if by_migrations else ''}schema has no {missing}{owner}"
            f"{f' ({place})' if place else ''}.",
            "Write the migration, `alembic revision --autogenerate`, and look it over."
            if by_migrations
            else "Name the metadata that it belongs to as [database] metadata in harness.toml.",
        )
        # What the migrations lack is of the application; another metadata may be our mistake.
        self.seen = Seen("", f"no {missing} in the migrated schema", place)
        self.is_of_the_application = bool(by_migrations and place)


def missing_of(model: type[Any]) -> MissingError | None:
    """Return what the schema of the test database lacks of a mapped class; None if nothing."""
    database = database_with(model.__mapper__.local_table)
    with runtime().seam.real_connections(), sync_engine(database) as engine:
        known = inspect_database(engine)
        for table in model.__mapper__.tables:
            if not isinstance(table, Table):
                continue
            try:
                columns = {one["name"] for one in known.get_columns(table.name, table.schema)}
            except NoSuchTableError:
                return MissingError(f"table {table.fullname}", model)
            lacking = [one.name for one in table.columns if one.name not in columns]
            if lacking:
                return MissingError(f"column {table.fullname}.{lacking[0]}", model)
    return None


def missing_tables(names: Iterable[str]) -> MissingError:
    """Return what to say of tables that are missing: of the first, and of how many more."""
    first, *more = sorted(names)
    models = (one for one in mapped_classes() if first in _tables(one))
    said = f"table {first}" + (f" ({len(more)} more are missing)" if more else "")
    return MissingError(said, next(models, None))


def place_of_class(model: type[Any]) -> str:
    """Return `file:line` of a class; empty where it was not written as one."""
    try:
        file = inspect.getsourcefile(model) or ""
        return shown_place(file, inspect.getsourcelines(model)[1]) if file else ""
    except (OSError, TypeError):
        return ""


def _tables(model: type[Any]) -> set[str]:
    return {table.name for table in model.__mapper__.tables if isinstance(table, Table)}
