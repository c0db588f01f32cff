"""What the columns of mapped classes say of the values that are put into them."""

from __future__ import annotations

from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.schemas.annotations import schema_of
from test_harness.walk.schemas.known import object_of


def is_mapped(kind: Any) -> bool:
    """Tell whether something is a mapped class."""
    return isinstance(kind, type) and hasattr(kind, "__mapper__")


def column_of(kind: type, name: str) -> Any:
    """Return the column that an attribute of a mapped class stands for; None for another."""
    return kind.__mapper__.columns.get(name)  # type: ignore[attr-defined]


def column_behind(attribute: Any) -> Any:
    """Return the column of an attribute such as `User.email`; None for anything else."""
    columns = getattr(getattr(attribute, "property", None), "columns", None)
    return columns[0] if columns else None


def schema_of_column(column: Any) -> Schema:
    """Return the schema of what fits into a column, which is named in `x-column`.

    Args:
        column: One of a table.
    """
    try:
        kind = column.type.python_type
    except NotImplementedError:
        kind = None
    found = dict(schema_of(kind) or {}) if kind else {}
    if length := getattr(column.type, "length", None):
        found.setdefault("maxLength", length)
    return {**found, "x-column": f"{column.table.name}.{column.name}"}


def schema_of_row(kind: type) -> Schema:
    """Return the schema of what a row is made from: what has no value of its own is required.

    Args:
        kind: A mapped class.
    """
    columns = dict(kind.__mapper__.columns.items())  # type: ignore[attr-defined]
    given = {
        name: column
        for name, column in columns.items()
        if not (column.nullable or column.primary_key or column.default or column.server_default)
    }
    properties = {name: schema_of_column(one) for name, one in columns.items()}
    return object_of(properties, given)
