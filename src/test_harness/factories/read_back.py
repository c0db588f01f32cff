"""Rows are read again and compared with what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import inspect as inspect_instance
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import Null
from sqlalchemy.types import TypeDecorator

from test_harness.factories.base import factory_for
from test_harness.factories.contract import FactoryError, explained, fail, line_for
from test_harness.factories.mapped import suite_dialect
from test_harness.factories.triggers import is_set_by_trigger


def assert_read_back(session: Session, made: Sequence[Any]) -> None:
    """Read rows again and compare them with what was saved.

    Raises:
        pytest.fail.Exception: A row is not there, or a column holds something else.
    """
    model = type(made[0])
    if len({inspect_instance(one).identity for one in made}) != len(made):
        name = factory_for(model).__name__
        problem = f"{len(made)} rows of {name} are not as many in the database."
        fail(FactoryError(problem, "Have its key differ from row to row."))
    for one in made:
        keys = [attribute.key for attribute in inspect_instance(one).mapper.column_attrs]
        saved = {key: one.__dict__[key] for key in keys if key in one.__dict__}
        session.expire(one)
        with explained(model):
            session.refresh(one)
        for key, value in saved.items():
            read = getattr(one, key)
            if not _is_kept(model, key, value, read) and not is_set_by_trigger(
                session.connection(bind_arguments={"mapper": model}), model, key
            ):
                problem = f"{model.__name__}.{key} was saved as {value!r} and is read as {read!r}."
                line = line_for(model, key, varies=False) or "a value that the column keeps"
                fail(FactoryError(problem, f"Write in {factory_for(model).__name__}: {line}."))


def _is_kept(model: type[Any], key: str, saved: Any, read: Any) -> bool:
    """Tell whether a column holds what was saved, as far as its type is for keeping that."""
    if _equal(saved, read):
        return True
    if saved is JSON.NULL or isinstance(saved, Null):
        return read is None
    column_type = model.__mapper__.column_attrs[key].columns[0].type
    if not isinstance(column_type, TypeDecorator):
        return False
    # One of the application that stores an empty list as NULL, say, is as it is meant to be.
    dialect = suite_dialect()
    try:
        stored = column_type.process_bind_param(saved, dialect)
        return _equal(column_type.process_result_value(stored, dialect), read)
    except Exception:  # noqa: BLE001 - NotImplementedError where it is left as it is
        return False


def _equal(saved: Any, read: Any) -> bool:
    """Compare two values, but for what databases do not keep: zones, and types of one text."""
    if saved == read or str(saved) == str(read):
        return True
    if isinstance(saved, datetime) and isinstance(read, datetime):
        # In its own zone or in that of UTC, and without fractions where a column keeps none.
        fraction = timedelta(0) if read.microsecond else timedelta(seconds=1)
        kept = read.astimezone(timezone.utc).replace(tzinfo=None) if read.tzinfo else read
        told = {saved.replace(tzinfo=None)}
        told |= {saved.astimezone(timezone.utc).replace(tzinfo=None)} if saved.tzinfo else set()
        return any(abs(one - kept) < fraction or one == kept for one in told)
    if isinstance(saved, str) and isinstance(read, str):
        return saved.rstrip() == read.rstrip()  # CHAR is filled up with blanks
    numbers = (int, float, Decimal)
    if isinstance(saved, numbers) and isinstance(read, numbers):
        return abs(float(saved) - float(read)) <= 1e-6 * abs(float(saved))
    return isinstance(read, memoryview) and bytes(read) == saved
