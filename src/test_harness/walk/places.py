"""Where in a payload something stands, in however many lists and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.walk.recipe import Symbol

Place = tuple[str | int, ...]
"""Where in a payload something stands: the names, and the numbers in lists, that lead there."""


def get(payload: Any, place: Place) -> Any:
    """Return what stands at a place.

    Args:
        payload: Of a recipe.
        place: Where.
    """
    for one in place:
        payload = payload[one]
    return payload


def put(payload: Any, place: Place, value: Any) -> Any:
    """Return a payload with another value at a place.

    Args:
        payload: As it is.
        place: Where.
        value: What stands there instead.
    """
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(payload, Mapping):
        return {**payload, first: put(payload.get(str(first)), rest, value)}
    return [put(one, rest, value) if at == first else one for at, one in enumerate(payload)]


def rows_within(payload: Any, place: Place = ()) -> Iterator[tuple[Place, Symbol]]:
    """Yield where in a payload rows of ours are named.

    Args:
        payload: Of a recipe.
        place: Where it stands itself.
    """
    if is_row(payload):
        yield place, payload
    pairs: Any = payload.items() if isinstance(payload, Mapping) else ()
    for name, one in enumerate(payload) if isinstance(payload, list) else pairs:
        yield from rows_within(one, (*place, name))


def is_row(value: Any) -> bool:
    """Tell whether a value of a recipe is a column of a row of ours."""
    return isinstance(value, Symbol) and value.kind == "row"
