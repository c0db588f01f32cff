"""Values for the columns that have to be given, read from the mapped class."""

from __future__ import annotations

import datetime
import decimal
import itertools
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, inspect
from sqlalchemy import types as t
from sqlalchemy.orm import Mapper, RelationshipProperty, Session

from harness.errors import HarnessError

_numbers = itertools.count(1)


def required_values(
    model: type[Any], given: Mapping[str, Any], session: Callable[[], Session]
) -> dict[str, Any]:
    """Return values for the attributes of `model` that must be given and are not in `given`.

    Parents of required foreign keys are made with their own factories; an attribute of `given`
    counts both under its own name and under its relationship's.

    Raises:
        HarnessError: A column's type is not known; the message says what to write.
    """
    mapper: Mapper[Any] = inspect(model)
    values: dict[str, Any] = {}
    parents = _parents(mapper)
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if not isinstance(column, Column) or attribute.key in given or not _must_be_given(column):
            continue
        relationship = parents.get(column)
        if relationship is not None:
            if relationship.key not in given and relationship.mapper.class_ is not model:
                values[relationship.key] = _make_parent(relationship)
        elif column.foreign_keys:
            values[attribute.key] = _make_unrelated_parent(column, mapper)
        else:
            values[attribute.key] = _value(model, attribute.key, column)
    return values


def _must_be_given(column: Column[Any]) -> bool:
    generated = column.autoincrement is True or (
        column.primary_key and column.table.autoincrement_column is column
    )
    return not (
        column.nullable
        or generated
        or column.default is not None
        or column.server_default is not None
        or column.computed is not None
        or column.identity is not None
    )


def _parents(mapper: Mapper[Any]) -> dict[Column[Any], RelationshipProperty[Any]]:
    return {
        column: relationship
        for relationship in mapper.relationships
        if relationship.direction.name == "MANYTOONE" and not relationship.viewonly
        for column in relationship.local_columns
        if isinstance(column, Column)
    }


def _make_parent(relationship: RelationshipProperty[Any]) -> Any:
    from harness.factory import factory_for

    return factory_for(relationship.mapper.class_).create()


def _make_unrelated_parent(column: Column[Any], mapper: Mapper[Any]) -> Any:
    from harness.factory import factory_for

    target = next(iter(column.foreign_keys)).column
    for other in mapper.registry.mappers:
        if other.local_table is target.table:
            parent = factory_for(other.class_).create()
            return getattr(parent, other.get_property_by_column(target).key)
    raise HarnessError(
        f"{mapper.class_.__name__}.{column.key} refers to {target}, which no class is mapped to.",
        f"Declare {column.key} in its factory in factories.py.",
    )


def _value(model: type[Any], key: str, column: Column[Any]) -> Any:
    number = next(_numbers)
    kind = column.type
    if isinstance(kind, t.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, t.Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, t.Uuid):
        return uuid.UUID(int=number) if kind.as_uuid else str(uuid.UUID(int=number))
    if isinstance(kind, t.String):
        text = f"{key}-{number}@example.com" if "email" in key else f"{key}-{number}"
        return text[-kind.length :] if kind.length else text
    for known, make in _MAKERS.items():
        if isinstance(kind, known):
            return make(number)
    raise HarnessError(
        f"{model.__name__}.{key} is a required column of the type {column.type!r}, "
        "for which no value is known.",
        f"Declare {key} in {model.__name__}Factory in factories.py.",
    )


_MAKERS: dict[type[Any], Callable[[int], Any]] = {
    t.Boolean: lambda number: False,
    t.Integer: lambda number: number,
    t.Float: float,
    t.Numeric: decimal.Decimal,
    t.DateTime: lambda number: datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    t.Date: lambda number: datetime.date(2026, 1, 1),
    t.Time: lambda number: datetime.time(12),
    t.Interval: lambda number: datetime.timedelta(days=1),
    t.JSON: lambda number: {},
    t.LargeBinary: lambda number: b"",
}
