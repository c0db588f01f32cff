"""Which columns of a class need another value in each row."""

from __future__ import annotations

from sqlalchemy import types as t

from test_harness.factories.choosing import SCALARS, room_of
from test_harness.factories.reading import Field, Reading

# A column with fewer values than that is not what tells rows apart, if there is another.
MANY = 100


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
        if len(columns) == 1:
            found.add(filled[0].key)
            continue
        rooms = {one.key: room_of(reading, one.key, needed) for one in filled}
        able = [one for one in filled if rooms[one.key] >= MANY and (one.key in needed or not keys)]
        if not able and not keys:
            able = [one for one in filled if rooms[one.key] == max(rooms.values())]
        if able:
            found.add(min(able, key=_how_odd).key)
    return found


def _how_odd(one: Field) -> int:
    """Return how odd it is for a column to count: a text first, then numbers, then moments."""
    order = (t.String, t.Integer, t.Uuid, t.Numeric)
    kinds = [place for place, kind in enumerate(order) if isinstance(one.type, kind)]
    return kinds[0] if kinds and not isinstance(one.type, t.Enum) else len(order)
