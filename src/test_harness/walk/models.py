"""What the mapped classes are called, and which of their columns a name in a request means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint, inspect
from sqlalchemy import types as t

from test_harness.factories.mapped import mapped_classes

# What stands for the key of a row, whatever its column is called.
KEYS = ("id", "pk", "key", "uuid", "guid", "uid", "ids")
# Columns that people name a row by.
NAMES = ("slug", "username", "public_id", "uuid", "code", "name", "email", "key", "number", "token")


@dataclass(frozen=True, eq=False)
class Model:
    """A mapped class, by the columns of its table.

    Args:
        kind: The class.
        table: Its table.
        attributes: The columns, by what the class calls them.
    """

    kind: type[Any]
    table: Table
    attributes: Mapping[str, Column[Any]]

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    @property
    def key(self) -> Column[Any] | None:
        """The column that says which row it is: the last one of a key of several."""
        keys = list(self.table.primary_key.columns)
        own = [column for column in keys if not column.foreign_keys]
        return (own or keys)[-1] if keys else None

    @property
    def called(self) -> frozenset[str]:
        """What one of its rows is called: as the class, and as the table."""
        table = re.sub(r"^(tbl|tb|t|app)_", "", snake(self.table.name))
        kind = re.sub(r"_?(model|orm|entity|table|db)$", "", snake(self.kind.__name__))
        return frozenset({singular(table), singular(self.table.name), singular(kind)})

    def column(self, name: str) -> Column[Any] | None:
        """Return a column by what the class, the table or a request calls it; None without one."""
        wanted = snake(name)
        for known, column in self.attributes.items():
            if wanted in {known, column.name, snake(known), snake(column.name)}:
                return column
        return None

    def by_name(self) -> list[Column[Any]]:
        """Return the columns that say which row it is to people."""
        columns = (self.column(name) for name in NAMES)
        named = [one for one in columns if one is not None]
        return sorted(named, key=lambda one: not is_unique(one))


class Models:
    """The mapped classes of the application.

    Args:
        classes: All of them.
    """

    def __init__(self, classes: Iterable[type[Any]]) -> None:
        self.all = [made for kind in classes if (made := _model(kind)) is not None]
        self._by_table = {
            name: one for one in reversed(self.all) for name in (one.name, one.table.fullname)
        }

    def of_table(self, name: str) -> Model | None:
        """Return the class that a table is of; None without one."""
        return self._by_table.get(name)

    def called(self, name: str) -> Model | None:
        """Return the class whose rows are called so, in one or in several; None without one."""
        wanted = singular(snake(name))
        if not wanted:
            return None
        exact = [one for one in self.all if wanted in one.called]
        # `line` in `/orders/{order_id}/lines` may be `order_line`.
        ends = [one for one in self.all if any(it.endswith(f"_{wanted}") for it in one.called)]
        return next(iter(exact or ends), None)

    def meant(
        self, name: str, before: str = "", spoken_of: Model | None = None
    ) -> list[Column[Any]]:
        """Return the columns that a name may mean, the likeliest first.

        Args:
            name: Of a parameter, or of a property.
            before: What it stands behind in a path, such as `orders`; empty in a payload.
            spoken_of: The class that the request is about.
        """
        return list(dict.fromkeys(self._meant(snake(name), before, spoken_of)))

    def _meant(self, name: str, before: str, spoken_of: Model | None) -> Iterator[Column[Any]]:
        beside = self.called(before) if before else None
        if name in KEYS:
            yield from _there(model.key for model in (beside, spoken_of) if model is not None)
            return
        own = spoken_of.column(name) if spoken_of is not None and not before else None
        if own is not None and own.foreign_keys:
            yield target_of(own)
        yield from self._parted(name)
        for model in self.all:
            column = model.column(name)
            if column is not None and column.foreign_keys:
                yield target_of(column)
        is_key = name.rpartition("_")[2] in KEYS
        if before or is_key:
            yield from self._whole(name, beside, is_alone=bool(before))
        if is_key and spoken_of is not None:
            yield from _there([spoken_of.key])

    def _parted(self, name: str) -> Iterator[Column[Any]]:
        """Yield `slug` of projects for `project_slug`."""
        parts = name.split("_")
        for cut in range(1, len(parts)):
            model, rest = self.called("_".join(parts[:cut])), "_".join(parts[cut:])
            if model is None:
                continue
            column = model.column(rest)
            if column is None and rest in KEYS:
                column = model.key
            if column is not None:
                yield target_of(column) if column.foreign_keys and rest in KEYS else column

    def _whole(self, name: str, beside: Model | None, *, is_alone: bool) -> Iterator[Column[Any]]:
        """Yield the key of projects for `project`, and the column of a name behind `/projects/`."""
        whole = self.called(name)
        if whole is not None:
            yield from _there([whole.key, *whole.by_name()])
        if beside is not None:
            yield from _there([beside.column(name), beside.key, *beside.by_name()])
        for model in self.all if is_alone else ():
            column = model.column(name)
            if column is not None and (is_unique(column) or column.primary_key):
                yield column


@cache
def all_models() -> Models:
    """Return the mapped classes of the application that is tested."""
    return Models(mapped_classes())


@cache
def snake(name: str) -> str:
    """Return `orderId`, `OrderID` or `order-id` as `order_id`."""
    text = re.sub(r"[^\w]+", "_", name)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"_+", "_", text).strip("_").lower()


@cache
def singular(name: str) -> str:
    """Return the word for one of what a name says there are several of."""
    for end, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if name.endswith(end) and len(name) > len(end) + 1:
            return name[: -len(end)] + one
    irregular = {"people": "person", "children": "child", "statuses": "status", "news": "news"}
    if name in irregular:
        return irregular[name]
    is_several = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    return name[:-1] if is_several and len(name) > 2 else name


def target_of(column: Column[Any]) -> Column[Any]:
    """Return the column at the end of the foreign keys of a column; itself where it has none."""
    seen = set()
    while column.foreign_keys and column not in seen:
        seen.add(column)
        column = next(iter(column.foreign_keys)).column
    return column


def is_unique(column: Column[Any]) -> bool:
    """Tell whether no two rows have the same in a column."""
    table: Any = column.table
    ways = [
        it for it in table.constraints if isinstance(it, (UniqueConstraint, PrimaryKeyConstraint))
    ]
    ways += [index for index in table.indexes if index.unique]
    return bool(column.unique) or any(
        [one.name for one in way.columns] == [column.name] for way in ways
    )


def _there(columns: Iterable[Column[Any] | None]) -> Iterator[Column[Any]]:
    return (column for column in columns if column is not None)


def fits_type(column: Column[Any], schema: Mapping[str, Any]) -> bool:
    """Tell whether what a column has may be what a schema wants."""
    kind, form = schema.get("type"), schema.get("format")
    if kind in {"integer", "number"}:
        return isinstance(column.type, (t.Integer, t.Numeric)) or _is_number(column)
    if kind == "string" and form == "uuid":
        return _is_uuid(column) or (isinstance(column.type, t.String) and "id" in column.name)
    if kind == "string" and form in {"date", "date-time"}:
        return isinstance(column.type, (t.Date, t.DateTime))
    return kind not in {"boolean", "array", "object"}


def _is_number(column: Column[Any]) -> bool:
    return isinstance(getattr(column.type, "impl", None), (t.Integer, t.Numeric))


def _is_uuid(column: Column[Any]) -> bool:
    kind = column.type
    names = {type(kind).__name__.lower(), type(getattr(kind, "impl", None)).__name__.lower()}
    return isinstance(kind, t.Uuid) or any("uuid" in name or "guid" in name for name in names)


def _model(kind: type[Any]) -> Model | None:
    mapper = inspect(kind, raiseerr=False)
    if mapper is None or not isinstance(mapper.local_table, Table):
        return None
    attributes = {
        one.key: one.columns[0] for one in mapper.column_attrs if isinstance(one.columns[0], Column)
    }
    return Model(kind, mapper.local_table, attributes)
