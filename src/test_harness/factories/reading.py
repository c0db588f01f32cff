"""What a mapped class wants of a row: read from its mapper, its table and its constructor."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Table, UniqueConstraint
from sqlalchemy import inspect as inspect_mapper
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from test_harness.errors import HarnessError
from test_harness.factories.constructors import LEFT_ALONE, annotations_of, defaults_of_constructor
from test_harness.factories.database_facts import checks_of, condition_of
from test_harness.factories.mapped import counted_column, once_for_a_class, suite_dialect
from test_harness.factories.refusals import refusals_of
from test_harness.factories.sql import parse
from test_harness.factories.terms import Check
from test_harness.lock.callers import fault_of_the_harness, said_with_place
from test_harness.settings import settings


@dataclass
class Field:
    """A column of a mapped class, under the name of its attribute.

    `required` means that a row is refused without it; `default` is what the column holds when
    nothing is given, LEFT_ALONE where only the database knows. `groups` are the unique constraints
    it belongs to, as sets of attributes.
    """

    model: type[Any]
    key: str
    column: Column[Any]
    required: bool
    default: Any = None
    groups: list[frozenset[str]] = field(default_factory=list)
    annotation: Any = None

    @cached_property
    def type(self) -> TypeEngine[Any]:
        """The type of the column on the suite's engine."""
        return self.column.type.dialect_impl(suite_dialect())

    @property
    def unique(self) -> bool:
        """Whether each row needs a value of its own."""
        return any(len(group) == 1 for group in self.groups)


@dataclass
class Reading:
    """What was read from one mapped class.

    `parents` are its many-to-one relationships over foreign keys, `keys` the foreign keys that no
    relationship covers, `unmapped` columns that the table requires and the class does not have.
    `failure` is why nothing could be read, and all others are empty then.
    """

    model: type[Any]
    fields: dict[str, Field]
    parents: dict[str, RelationshipProperty[Any]]
    keys: dict[str, Column[Any]]
    checks: list[Check]
    unmapped: list[str]
    groups: list[frozenset[str]]
    failure: str = ""

    @property
    def mapper(self) -> Mapper[Any]:
        """The mapper of the class."""
        return inspect_mapper(self.model)  # type: ignore[no-any-return]

    def is_key(self, key: str) -> bool:
        """Tell whether a column holds the key of another row."""
        return key in self.keys or any(key in self.local_keys(one) for one in self.parents.values())

    def local_keys(self, relationship: RelationshipProperty[Any]) -> list[str]:
        """Return the attributes of the foreign key behind a relationship."""
        columns = relationship.local_columns
        return [key for key, one in self.fields.items() if one.column in columns]


@once_for_a_class
def read(model: type[Any]) -> Reading:
    """Read a mapped class; one that cannot be read is no reason not to read others."""
    try:
        return _read(model)
    except HarnessError:
        raise
    except Exception as error:  # noqa: BLE001 - of a type or a constructor of the application
        return Reading(model, {}, {}, {}, [], [], [], failure=why_unread(error))


def why_unread(error: Exception) -> str:
    """Return why a class cannot be read, and whose fault that is."""
    fault = fault_of_the_harness(error)
    return f"{fault}, a fault of the harness to be reported" if fault else said_with_place(error)


def _read(model: type[Any]) -> Reading:
    mapper: Mapper[Any] = inspect_mapper(model)
    annotations = annotations_of(model)
    given = defaults_of_constructor(model)
    fields = {}
    for attribute in mapper.column_attrs:
        column = _own_column(mapper, attribute)
        if column is None or column is mapper.polymorphic_on or _is_filled_in(mapper, attribute):
            continue
        required = not column.nullable and column.server_default is None and column.default is None
        default = _default(column)
        if attribute.key in given:
            required, default = False, given[attribute.key]
        annotation = annotations.get(attribute.key)
        fields[attribute.key] = Field(
            model, attribute.key, column, required, default, annotation=annotation
        )
    groups = _unique_groups(mapper, fields)
    for group in groups:
        for key in group:
            fields[key].groups.append(group)
    parents = _parents(mapper, fields)
    covered = {column for one in parents.values() for column in one.local_columns}
    keys = {
        key: foreign
        for key, one in fields.items()
        if one.column not in covered and (foreign := _target(mapper, one.column)) is not None
    }
    return Reading(model, fields, parents, keys, _checks(mapper, fields), _unmapped(mapper), groups)


def _own_column(mapper: Mapper[Any], attribute: ColumnProperty[Any]) -> Column[Any] | None:
    columns = [column for column in attribute.columns if isinstance(column, Column)]
    own = [column for column in columns if column.table in mapper.tables]
    return own[0] if own else None


def _is_filled_in(mapper: Mapper[Any], attribute: ColumnProperty[Any]) -> bool:
    """Tell whether the database, or the parent's row of a joined table, gives the value."""
    sqlite = "sqlite" in {settings().database.engine, settings().database.unit_engine}
    for column in attribute.columns:
        if not isinstance(column, Column) or column.computed is not None:
            return True
        if column.identity is not None and not (sqlite and column.primary_key):
            return True
        counts = column.primary_key and counted_column(column.table) is column
        # SQLite numbers rows by itself only where the type is called INTEGER.
        if counts and not (sqlite and _not_numbered_by_sqlite(column)):
            return True
    return False


def _not_numbered_by_sqlite(column: Column[Any]) -> bool:
    from sqlalchemy.dialects import sqlite

    return column.type.compile(sqlite.dialect()) != "INTEGER"


def _default(column: Column[Any]) -> Any:
    if column.default is not None:
        return getattr(column.default, "arg", None) if column.default.is_scalar else LEFT_ALONE
    if column.server_default is None:
        return None
    given = getattr(column.server_default, "arg", None)
    words = {"true": True, "false": False}
    return given if isinstance(given, str) else words.get(str(given).lower(), LEFT_ALONE)


def _unique_groups(mapper: Mapper[Any], fields: dict[str, Field]) -> list[frozenset[str]]:
    names = {one.column: key for key, one in fields.items()}
    groups: list[list[Any]] = [
        [column] for column in names if column.unique and isinstance(column, Column)
    ]
    for table in mapper.tables:
        if not isinstance(table, Table):
            continue
        groups.append(list(table.primary_key.columns))
        groups += [
            list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)
        ]
        groups += [
            list(one.expressions) for one in table.indexes if isinstance(one, Index) and one.unique
        ]
    found = []
    for group in groups:
        columns = [_column_behind(one) for one in group]
        keys = frozenset(names[column] for column in columns if column in names)
        # A column that is filled in makes its group unique by itself.
        if keys and len(keys) == len(set(columns)) and keys not in found:
            found.append(keys)
    return found


def _column_behind(expression: Any) -> Any:
    """Return the column of an expression such as `lower(email)` in a unique index."""
    if isinstance(expression, Column):
        return expression
    inside = [part for part in expression.get_children() if isinstance(part, ColumnElement)]
    columns = [_column_behind(part) for part in inside]
    return next((column for column in columns if isinstance(column, Column)), None)


def _parents(mapper: Mapper[Any], fields: dict[str, Field]) -> dict[str, RelationshipProperty[Any]]:
    """Return the relationships that set foreign keys, one for each key, the plainest first."""
    columns = {one.column for one in fields.values()}
    found: dict[str, RelationshipProperty[Any]] = {}
    covered: set[frozenset[Any]] = set()
    candidates = [
        one
        for one in mapper.relationships
        if one.direction.name == "MANYTOONE"
        and not one.viewonly
        and one.secondary is None
        and one.local_columns <= columns
        and all(column.foreign_keys for column in one.local_columns)
        and not _is_contradicted(one)
    ]
    for one in sorted(candidates, key=lambda one: len(one.local_columns)):
        if frozenset(one.local_columns) not in covered:
            covered.add(frozenset(one.local_columns))
            found[one.key] = one
    return found


def _is_contradicted(relationship: RelationshipProperty[Any]) -> bool:
    """Tell whether its other side leads back to another relationship.

    SQLAlchemy takes no object for it then, and the application sets the key.
    """
    back = relationship.back_populates
    other = relationship.mapper.relationships.get(back) if back else None
    return other is not None and other.back_populates not in {None, relationship.key}


def _target(mapper: Mapper[Any], column: Column[Any]) -> Column[Any] | None:
    """Return the column a foreign key leads to, unless it is the parent's row of a joined table."""
    targets = [foreign.column for foreign in column.foreign_keys]
    inherited = mapper.inherits.tables if mapper.inherits and not mapper.concrete else ()
    targets = [one for one in targets if not (column.primary_key and one.table in inherited)]
    return targets[0] if targets else None


def _checks(mapper: Mapper[Any], fields: dict[str, Field]) -> list[Check]:
    known = {
        column.name.lower(): attribute.key
        for attribute in mapper.column_attrs
        for column in attribute.columns
        if isinstance(column, Column)
    }
    found = refusals_of(mapper, fields)
    for table in mapper.tables:
        if not isinstance(table, Table):
            continue
        for one in table.constraints:
            if isinstance(one, CheckConstraint):
                check = _check(one, known)
                check.name = str(one.name or "")
                if check.columns:
                    found.append(check)
        # A migration may have written what no model says.
        written = {check.name for check in found}
        for name, text in checks_of(table):
            check = parse(text, known, settings().database.engine)
            check.name = name
            if check.columns and (not name or name not in written):
                found.append(check)
        if bounds := condition_of(table):
            found.append(parse(bounds, known, settings().database.engine))
            found[-1].name = f"partitions of {table.fullname}"
    return found


def _check(constraint: CheckConstraint, known: dict[str, str]) -> Check:
    try:
        text = constraint.sqltext.compile(
            dialect=suite_dialect(), compile_kwargs={"literal_binds": True}
        )
    except Exception:  # noqa: BLE001 - a type of the application that writes no literals
        columns = {known[name] for one in constraint.columns if (name := one.name.lower()) in known}
        return Check(str(constraint.sqltext), columns=columns)
    return parse(str(text).replace("%%", "%"), known, settings().database.engine)


def _unmapped(mapper: Mapper[Any]) -> list[str]:
    """Return columns a row needs that the class does not have: a sibling's in the same table."""
    known = {column for attribute in mapper.column_attrs for column in attribute.columns}
    return [
        column.name
        for table in mapper.tables
        if isinstance(table, Table)
        for column in table.columns
        if column not in known
        and not column.nullable
        and column.server_default is None
        and column.default is None
        and column is not counted_column(table)
    ]
