"""Which columns of a class need another value in each row."""

from __future__ import annotations

from sqlalchemy import types as t

from test_harness.factories.choosing import SCALARS, accepts
from test_harness.factories.reading import Field, Reading
from test_harness.factories.values import values


def varying_columns(reading: Reading, needed: set[str]) -> set[str]:
    """Return the attributes that need another value in each row."""
    found: set[str] = set()
    for group in reading.groups:
        columns = [reading.fields[key] for key in reading.fields if key in group]
        plain = [one for one in columns if not reading.is_key(one.key)]
        filled = [one for one in plain if one.key in needed or isinstance(one.default, SCALARS)]
        # NULL is equal to nothing, and what the database or a function fills in is taken to differ.
        if len(filled) < len(plain) or not filled:
            continue
        keys = [one for one in columns if one not in plain]
        able = [one for one in filled if _can_vary(one) and (one.key in needed or not keys)]
        if not able and not keys:
            able = [one for one in filled if _varies_at_all(one)] or filled
        if able:
            found.add(min(able, key=_how_odd).key)
    return found


def _can_vary(one: Field) -> bool:
    return not isinstance(one.type, (t.Enum, t.Boolean)) and _varies_at_all(one)


def _varies_at_all(one: Field) -> bool:
    return any(value.varies and accepts(one, value) for value in values(one))


def _how_odd(one: Field) -> int:
    """Return how odd it is for a column to count: a text first, then numbers, then moments."""
    order = (t.String, t.Integer, t.Uuid, t.Numeric)
    kinds = [place for place, kind in enumerate(order) if isinstance(one.type, kind)]
    return kinds[0] if kinds and not isinstance(one.type, t.Enum) else len(order)
