"""The search for values that fit together: those of one row that CHECK constraints speak of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import types as t
from sqlalchemy.types import TypeEngine

from test_harness.factories.constructors import LEFT_ALONE, has_own_constructor
from test_harness.factories.expressions import Value, written
from test_harness.factories.functions import UndecidableError
from test_harness.factories.mapped import suite_dialect
from test_harness.factories.reading import Field, Reading
from test_harness.factories.suggestions import of_literals, of_patterns
from test_harness.factories.terms import Check
from test_harness.factories.values import values

# Rows that a choice is tried with, and how many choices are.
ROWS = (0, 1, 2, 9, 19, 99)
TRIES = 50_000
# How many values of a column are tried; the first ones are the likeliest.
VALUES = 24
SCALARS = (str, int, float)
_KEY = 1_000_000  # stands for the key of a parent that is not made yet


@dataclass(frozen=True)
class Option:
    """One thing that a column can hold: a value that is given, its default, or a parent's key."""

    value: Value | None = None
    default: Any = None
    key: int | None = None

    @property
    def given(self) -> bool:
        """Whether the factory has to say it."""
        return self.value is not None or self.key is not None

    def at(self, field: Field, n: int) -> Any:
        """Return what the column of row `n` holds in the database.

        Raises:
            UndecidableError: Only the database knows.
        """
        if self.key is not None:
            return self.key + n
        value = self.default if self.value is None else self.value.at(n)
        if value is LEFT_ALONE or callable(value):
            raise UndecidableError(field.key)
        return stored(field, value)


class NoValueError(Exception):
    """There are no values that `checks` accept."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__(checks)
        self.checks = checks


def choose(
    reading: Reading, varying: set[str], needed: set[str]
) -> tuple[dict[str, Option], list[Check]]:
    """Return what each column of a row holds, and the checks about which nothing can be said.

    Args:
        reading: The class.
        varying: Attributes that need another value in each row.
        needed: Attributes that have to be given, foreign keys among them.
    """
    chosen: dict[str, Option] = {}
    unknown: list[Check] = []
    for keys, checks in _connected(reading):
        found = _together(reading, keys, checks, varying, needed)
        chosen.update(found.run())
        unknown += found.unknown
    return chosen, unknown


def room_of(reading: Reading, key: str, needed: set[str]) -> float:
    """Return in how many rows a column can have another value: 0 where in none that was found."""
    keys, checks = next(it for it in _connected(reading) if key in it[0])
    try:
        value = _together(reading, keys, checks, {key}, {*needed, key}).run()[key].value
    except NoValueError:
        return 0
    return 0 if value is None else math.inf if value.capacity is None else value.capacity


def _together(
    reading: Reading, keys: list[str], checks: list[Check], varying: set[str], needed: set[str]
) -> _Search:
    fields = [reading.fields[key] for key in keys]
    options = {one.key: list(_options(reading, one, checks, varying, needed)) for one in fields}
    return _Search(reading, fields, options, checks)


def _connected(reading: Reading) -> Iterator[tuple[list[str], list[Check]]]:
    """Yield the columns that checks join, with those checks; a column without a check alone."""
    groups: list[set[str]] = [{key} for key in reading.fields]
    for check in reading.checks:
        joined = [group for group in groups if group & check.columns]
        if joined:
            groups = [group for group in groups if group not in joined]
            groups.append(set().union(*joined))
    for group in groups:
        keys = [key for key in reading.fields if key in group]
        # What comes first is changed last: a default is what the application means.
        keys.sort(key=lambda key: reading.fields[key].default in (None, LEFT_ALONE))
        yield keys, [check for check in reading.checks if check.columns & group]


def _options(
    reading: Reading, field: Field, checks: list[Check], varying: set[str], needed: set[str]
) -> Iterator[Option]:
    about = [check for check in checks if field.key in check.columns]
    if field.key not in needed:
        # A constructor of the application's own may put something else where nothing is said.
        said = about and has_own_constructor(field.model) and isinstance(field.default, SCALARS)
        yield Option(written(field.default)) if said else Option(default=field.default)
    if reading.is_key(field.key):
        yield Option(key=_KEY * (1 + list(reading.fields).index(field.key)))
        return
    candidates = itertools.chain(
        # What a pattern asks for is rarely met by chance.
        of_patterns(about),
        values(field),
        of_literals(field, about),
    )
    fitting = (
        one
        for one in dict.fromkeys(candidates)
        # Only a unique column has need of a value of few forms.
        if (one.varies if field.key in varying else (one.capacity or 1000) >= 1000)
        and accepts(field, one)
    )
    found = list(itertools.islice(fitting, VALUES))
    if not isinstance(field.type, t.String):
        # What need not differ reads better when it does not.
        found.sort(key=lambda one: one.varies)
    yield from map(Option, found)


class _Search:
    def __init__(
        self,
        reading: Reading,
        fields: list[Field],
        options: dict[str, list[Option]],
        checks: list[Check],
    ) -> None:
        self._reading = reading
        self._fields = [one for one in fields if options[one.key]]
        self._nothing = {one.key: Option() for one in fields if not options[one.key]}
        self._options = options
        self._checks = checks
        self._tries = TRIES
        self.unknown: list[Check] = []

    def run(self) -> dict[str, Option]:
        """Return the first choice that every check accepts.

        Raises:
            NoValueError: There is none among those that were tried.
        """
        found = self._extend({}, 0)
        if found is not None:
            return {**self._nothing, **found}
        for check in self._checks:
            fields = [one for one in self._fields if one.key in check.columns]
            alone = _Search(self._reading, fields, self._options, [check])
            if len(self._checks) > 1 and alone._extend({}, 0) is None:
                raise NoValueError([check])
        raise NoValueError(self._checks)

    def _extend(self, chosen: dict[str, Option], place: int) -> dict[str, Option] | None:
        if place == len(self._fields):
            return dict(chosen)
        field = self._fields[place]
        known = {one.key for one in self._fields[:place]}
        others = {one.key for one in self._fields[place + 1 :]}
        due = [
            check
            for check in self._checks
            if not check.columns & others and (field.key in check.columns or not known)
        ]
        for option in self._options[field.key]:
            self._tries -= 1
            if self._tries < 0:
                return None
            chosen[field.key] = option
            if all(self._accepted(check, chosen) for check in due):
                found = self._extend(chosen, place + 1)
                if found is not None:
                    return found
        chosen.pop(field.key, None)
        return None

    def _accepted(self, check: Check, chosen: dict[str, Option]) -> bool:
        if check in self.unknown:
            return True
        capacities = [one.value.capacity for one in chosen.values() if one.value is not None]
        limit = min((one for one in capacities if one is not None), default=ROWS[-1] + 1)
        varies = any(one.value is not None and one.value.varies for one in chosen.values())
        try:
            return all(
                check.holds(self._row(check, chosen, n))
                for n in (ROWS if varies else ROWS[:1])
                if n < limit
            )
        except UndecidableError:
            self.unknown.append(check)
            return True

    def _row(self, check: Check, chosen: dict[str, Option], n: int) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for key in check.columns:
            if key not in self._reading.fields:
                row[key] = _KEY + n  # numbered by the database
            elif key in chosen:
                row[key] = chosen[key].at(self._reading.fields[key], n)
        return row


@cache
def _processor(field_type: Any) -> Any:
    return field_type.bind_processor(suite_dialect())


def stored(field: Field, value: Any) -> Any:
    """Return a value as the database has it: the label of an enum, what a type of its own makes.

    Raises:
        UndecidableError: The type of the application cannot take the value.
    """
    try:
        return _sent(field.type, value)
    except Exception as error:
        raise UndecidableError(f"{field.key}: {error}") from error


def _sent(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, t.TypeDecorator) and not _overrides(kind, "bind_processor"):
        if _overrides(kind, "process_bind_param"):
            value = kind.process_bind_param(value, suite_dialect())
        return _sent(kind.impl_instance, value)
    # What SQLAlchemy makes for a driver of a date, say, is harder to compare than the date.
    if isinstance(kind, (t.Enum, t.TypeDecorator, t.UserDefinedType)) and value is not None:
        return _processor(kind)(value) if _processor(kind) else value
    return value


def _overrides(kind: t.TypeDecorator[Any], method: str) -> bool:
    return getattr(type(kind), method) is not getattr(t.TypeDecorator, method)


def accepts(field: Field, value: Value) -> bool:
    """Tell whether the column's type and the class's validators take a value."""
    mapper = field.model.__mapper__
    rows = [n for n in ROWS if value.capacity is None or n < value.capacity]
    try:
        for n in rows if value.varies else rows[:1]:
            made = value.at(n)
            processor = _processor(field.type)
            sent = processor(made) if processor is not None else made
            # SQLAlchemy lets every text pass, and a server only the labels.
            if isinstance(field.type, t.Enum) and sent not in field.type.enums:
                return False
            if field.key in mapper.validators:
                setattr(mapper.class_manager.new_instance(), field.key, made)
    except Exception:  # noqa: BLE001 - what a validator of the application raises is its own affair
        return False
    return True
