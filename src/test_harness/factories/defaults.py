"""Defaults that an application gives its own rows, and cannot save."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlalchemy import inspect as inspect_mapper
from sqlalchemy.types import TypeDecorator

from test_harness.errors import first_line
from test_harness.factories.constructors import default_factory, defaults_of_constructor
from test_harness.factories.mapped import suite_dialect

_NAIVE = "offset-naive and offset-aware"
_SENTINEL = "Can't match sentinel values"


@dataclass(frozen=True)
class Refused:
    """A default that is refused, whoever makes the row.

    Attributes:
        attribute: Which attribute has it.
        problem: What is wrong with it.
        fix: What to do.
    """

    attribute: str
    problem: str
    fix: str


def refused_default(model: type[Any], said: str) -> Refused | None:
    """Return the default of a class that is why its rows are refused; None if it is none.

    Args:
        model: The class.
        said: What was said of a row.
    """
    for key, column, value in _defaults(model):
        named = f"The default of {model.__name__}.{key}"
        if callable(value):
            return Refused(
                key,
                f"{named} is a function, which a dataclass keeps as the value and never calls",
                "Give it to the column as `insert_default`, or as `default_factory`.",
            )
        decorator = column.type
        if isinstance(decorator, TypeDecorator) and _processes(decorator):
            try:
                stored = decorator.process_bind_param(value, suite_dialect())
            except Exception as error:  # noqa: BLE001 - whatever a type of the application raises
                why = f"{named} is refused by the type of its column: {first_line(error)}"
                return Refused(key, why, "Give it a default that the type takes.")
            if _SENTINEL in said and (other := _read_as(decorator, stored, value)):
                return Refused(
                    key,
                    f"{named} is a {type(value).__name__} and is read as a {other}, so that "
                    "SQLAlchemy cannot tell rows apart that are written together",
                    "Have the default make what the type of the column returns.",
                )
        has_zone = isinstance(value, datetime) and value.tzinfo is not None
        keeps_zone = bool(getattr(column.type, "timezone", False))
        if isinstance(value, datetime) and _NAIVE in said and has_zone is not keeps_zone:
            zone, column_zone = ("a" if is_so else "no" for is_so in (has_zone, keeps_zone))
            why = f"{named} has {zone} time zone, and its column has {column_zone} time zone"
            return Refused(key, why, "Write `DateTime(timezone=True)`, or take another default.")
    return None


def _read_as(decorator: TypeDecorator[Any], stored: Any, value: Any) -> str:
    """Return as which other type a value is read; empty where it is read as its own."""
    try:
        read = decorator.process_result_value(stored, suite_dialect())
    except Exception:  # noqa: BLE001 - NotImplementedError where it is left as it is
        return ""
    return "" if isinstance(read, type(value)) else type(read).__name__


def _processes(decorator: TypeDecorator[Any]) -> bool:
    return type(decorator).process_bind_param is not TypeDecorator.process_bind_param


def _defaults(model: type[Any]) -> Iterator[tuple[str, Column[Any], Any]]:
    """Yield each attribute that has a default, with its column and that."""
    given = defaults_of_constructor(model)
    for attribute in inspect_mapper(model).column_attrs:
        column = attribute.columns[0]
        if not isinstance(column, Column):
            continue
        name, value = attribute.key, None
        default: Any = column.default
        try:
            if make := default_factory(model, name):
                value = make()
            elif name in given:
                value = given[name]
            elif default is not None and default.is_callable:
                value = default.arg(None)
            elif default is not None and default.is_scalar:
                value = default.arg
        except Exception:  # noqa: BLE001, S112 - one that cannot be made so is made by a flush
            continue
        is_kept = callable(value) and not dataclasses.is_dataclass(model)
        if value is not None and not is_kept:
            yield name, column, value
