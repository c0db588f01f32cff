"""What is done to the rows before a request: columns of ours are changed, further ones are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Column
from sqlalchemy import types as t
from sqlalchemy.exc import SQLAlchemyError

from test_harness.application.clients import ANONYMOUS
from test_harness.errors import first_line
from test_harness.factories.base import bound_session, factory_for
from test_harness.walk.meaning import Course, ValueOf
from test_harness.walk.models import all_models
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.visit import Row


def _made(kind: type[Any], given: dict[str, Any]) -> Any:
    made = factory_for(kind).create(**given)
    bound_session().flush()
    bound_session().refresh(made)
    return made


def _or_say(write: Callable[[], Any], what: str, value_of: ValueOf) -> Any:
    """Write within a savepoint, so that what the database refuses leaves nothing behind.

    Raises:
        HarnessError: It refuses.
    """
    try:
        with bound_session().begin_nested():
            return write()
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None) or error
        raise value_of.error(
            f"{what}, which the database refuses: {first_line(orig)}", []
        ) from None


def set_rows(recipe: Recipe, world: Any) -> None:
    """Give columns of our rows other values, in the session of the tests.

    Raises:
        HarnessError: There is no such row or column, or it takes no such value.
    """
    value_of = ValueOf(recipe, world, Course(ANONYMOUS))
    for name, values in recipe.rows.items():
        model = all_models().of_table(name)
        if model is None or name not in world.ours:
            raise value_of.error(f"{name!r}: there is no row of it", sorted(world.ours))
        table, given = model.table, {}
        for column, value in values.items():
            if column not in table.columns:
                known = [one.name for one in table.columns]
                raise value_of.error(f"{name}.{column}: there is no such column", known)
            said = value_of(value) if isinstance(value, Symbol) else value
            if isinstance(said, datetime) and not getattr(
                table.columns[column].type, "timezone", True
            ):
                said = said.replace(tzinfo=None)
            given[column] = as_stored(table.columns[column].type, said, value_of)
        changing = table.update().values(given)
        for key in table.primary_key.columns:
            changing = changing.where(key == world.ours[name][key.name])
        _or_say(partial(bound_session().execute, changing), f"{name}: {values}", value_of)


def new_row(table: str, recipe: Recipe, world: Any) -> Mapping[str, Any]:
    """Make one more row of a table, which belongs to whom our row belongs.

    Raises:
        HarnessError: There is no such row.
    """
    model = all_models().of_table(table)
    value_of = ValueOf(recipe, world, Course(ANONYMOUS))
    if model is None or table not in world.ours:
        raise value_of.error(f"a new row of {table!r}", sorted(world.ours))
    row = world.ours[table]
    given = {
        key: row[column.name] for key, column in model.attributes.items() if column.foreign_keys
    }
    made = _or_say(lambda: _made(model.kind, given), f"a new row of {table!r}", value_of)
    return {column.name: getattr(made, key) for key, column in model.attributes.items()}


def set_column(column: Column[Any], rows: Sequence[Row], values: Sequence[Any]) -> bool:
    """Give rows other values in a column, and tell whether the database takes them.

    Args:
        column: The column.
        rows: Rows of its table.
        values: One for each of them.
    """
    table: Any = column.table
    session = bound_session()
    try:
        with session.begin_nested():
            for row, value in zip(rows, values, strict=True):
                changing = table.update().values({column: value})
                for key in table.primary_key.columns:
                    changing = changing.where(key == row[key.name])
                session.execute(changing)
    except (SQLAlchemyError, LookupError):
        return False
    return True


def as_stored(kind: Any, value: Any, value_of: ValueOf) -> Any:
    """Return a value of a file of settings as a column takes it.

    Raises:
        HarnessError: The column takes no such value.
    """
    members = getattr(kind, "enum_class", None)
    if members is not None:
        found = [one for one in members if value in (one.value, one.name)]
        if not found:
            raise value_of.error(f"{value!r}", [str(one.value) for one in members])
        return found[0]
    if isinstance(value, str) and not isinstance(kind, t.String):
        try:
            return kind.python_type(value)
        except (NotImplementedError, TypeError, ValueError):
            return value
    return value
