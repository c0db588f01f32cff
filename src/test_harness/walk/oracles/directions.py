"""A list whose order can be asked for both ways is answered in both."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Column, Date, DateTime, Enum, Integer, Numeric, String

from test_harness.walk.finding import Finding
from test_harness.walk.listing import Listing, alternatives, at_once, listing_of
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.filters import DIRECTION, SORTS, choices_of, like_ours
from test_harness.walk.preparing import set_column
from test_harness.walk.recipe import now_plus
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import Seeing, seen_whole
from test_harness.walk.steps import Aside, Steps

FAMILY = "answers"
_WAYS = {"order", "dir", "direction", "sort_dir", "sort_order", "sort_direction", "order_dir"}
_DOWN = {"desc", "descending", "reverse", "reversed"}
# Each is two requests.
MOST = 4
# In the order of their keys these stand neither in one order nor in the other.
_TEXTS, _NUMBERS, _DAYS = ("wk b", "wk a", "wk c"), (72, 71, 73), (-20, -30, -10)
Way = tuple[str, dict[str, Any], dict[str, Any], Column[Any] | None]


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes an order."""
    names = {snake(one.name) for one in operation.parameters_in("query")}
    return operation.method == "GET" and bool(names & (SORTS | _WAYS | _DOWN))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make rows that stand in no order, and ask for them in one order and in the other."""
    listing = listing_of(scene)
    ways = [] if listing is None else [*_ways(scene, listing)]
    for way in ways[:MOST]:
        found: list[Finding] = [] if listing is None else (yield Aside(_both(scene, listing, way)))
        if found:
            return found
    return []


def _ways(scene: Scene, listing: Listing) -> Iterator[Way]:
    """Yield what asks for one order, what for the other, and the column that it is by."""
    parameters = scene.operation.parameters_in("query")
    sorts = [one for one in parameters if snake(one.name) in SORTS]
    for sort in sorts:
        known = [one for one in choices_of(sort.schema) if isinstance(one, str)]
        for one in known:
            name = DIRECTION.sub("", one)
            others = (
                f"-{name}",
                *(one[: -len("asc")] + "desc" for _ in [0] if one.endswith("asc")),
            )
            column = listing.model.column(name)
            for other in others if column is not None else ():
                if other in known and other != one:
                    yield sort.name, {sort.name: one}, {sort.name: other}, column
    for way in parameters:
        words = {*_words(way)}
        name = snake(way.name)
        if name in _WAYS and {"asc", "desc"} <= words:
            up, down = "asc", "desc"
        elif name in _DOWN and any(it.get("type") == "boolean" for it in alternatives(way.schema)):
            up, down = "false", "true"
        else:
            continue
        by, column = _by(listing, [one for one in sorts if one.name != way.name])
        yield way.name, {**by, way.name: up}, {**by, way.name: down}, column


def _words(parameter: Parameter) -> Iterator[str]:
    """Yield what a parameter may say of a direction, as far as its schema tells."""
    for one in alternatives(parameter.schema):
        yield from (it.lower() for it in one.get("enum", ()) if isinstance(it, str))
        said = f"{one.get('pattern', '')} {one.get('default', '')}".lower()
        if "asc" in said or "desc" in said:
            yield from ("asc", "desc")


def _by(listing: Listing, sorts: list[Parameter]) -> tuple[dict[str, Any], Column[Any] | None]:
    """Return what asks for an order by a column that rows can be mixed in."""
    for sort in sorts:
        choices = [one for one in choices_of(sort.schema) if isinstance(one, str)]
        default = [one["default"] for one in alternatives(sort.schema) if "default" in one]
        for name in choices or [one for one in default if isinstance(one, str)]:
            column = listing.model.column(name)
            if column is not None and _mixed(column):
                return {sort.name: name}, column
    return {}, None


def _both(scene: Scene, listing: Listing, way: Way) -> Steps[list[Finding]]:
    name, up, down, column = way
    rows = yield partial(like_ours, scene, listing)
    mixed = () if column is None else _mixed(column)
    if column is not None and (
        len(mixed) != len(rows) or not (yield partial(set_column, column, rows, mixed))
    ):
        return []
    if column is not None:
        rows = [{**row, column.name: value} for row, value in zip(rows, mixed, strict=True)]
    seeing = yield from seen_whole(scene, listing, rows)
    if seeing is None or not all(row in seeing.rows for row in rows):
        return []
    whole = {**scene.recipe.query, **at_once(scene.operation)}
    rising = yield from scene.ask(query={**whole, **up})
    falling = yield from scene.ask(query={**whole, **down})
    if not rising.opens or not falling.opens:
        return []
    orders = [_order(seeing, one) for one in (listing.elements(rising), listing.elements(falling))]
    right = sorted(range(len(rows)), key=lambda at: mixed[at]) if mixed else []
    if len(orders[0]) != len(rows) or len(orders[1]) != len(rows):
        return []
    if orders[0] == orders[1]:
        wrong = "has the rows in the same order as the other way round"
    elif right and orders == [right[::-1], right]:
        wrong = "has the rows the other way round"
    else:
        return []
    asked = " and ".join(f"{key}={value}" for key, value in down.items())
    return [
        scene.finding(
            "lists",
            f"{falling} with {asked}, and {wrong}.",
            evidence=f"{seeing.name_of(rows[0])} stands at {1 + orders[1].index(0)} of {len(rows)}",
            fix=f"Order the query in the direction that {name} says.",
        )
    ]


def _order(seeing: Seeing, elements: list[Any]) -> list[int]:
    """Return which of the new rows stand in a list, in its order."""
    rows = seeing.rows[-3:]
    return [at for one in elements for at, row in enumerate(rows) if seeing.times(row, [one])]


def _mixed(column: Column[Any]) -> tuple[Any, ...]:
    if column.primary_key or column.foreign_keys or isinstance(column.type, Enum):
        return ()
    if isinstance(column.type, DateTime):
        zone = now_plus(0).tzinfo if column.type.timezone else None
        return tuple(now_plus(one).replace(tzinfo=zone) for one in _DAYS)
    if isinstance(column.type, Date):
        return tuple(now_plus(one).date() for one in _DAYS)
    if isinstance(column.type, String) and (column.type.length or 9) >= len(_TEXTS[0]):
        return _TEXTS
    return _NUMBERS if isinstance(column.type, (Integer, Numeric)) else ()
