"""A list that is asked for by what rows have shows those, in the order that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, DateTime, Enum, Integer, Numeric, String

from test_harness.walk.finding import Finding
from test_harness.walk.further import further
from test_harness.walk.listing import Listing, alternatives, at_once, listing_of, said
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation, Parameter, Schema
from test_harness.walk.preparing import set_column
from test_harness.walk.recipe import plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Row, Visit

FAMILY = "answers"
ROWS = 3
_NOTHING = "wk7 nothing has it"
# In the order of their keys these stand neither in one order nor in the other.
_MIXED = ("wk b", "wk a", "wk c")
_MIXED_NUMBERS = (72, 71, 73)
SORTS = {"sort", "sort_by", "sortby", "order_by", "orderby", "ordering", "order"}
DIRECTION = re.compile(r"(?i)^[-+]|[:_ .-]?(asc|desc)(ending)?$")


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes a parameter."""
    return operation.method == "GET" and bool(operation.parameters_in("query"))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make further rows, and ask for some of them by each column, and in each order."""
    listing = listing_of(scene)
    if listing is None:
        return []
    for parameter in scene.operation.parameters_in("query"):
        name = snake(parameter.name)
        column = listing.model.column(parameter.name)
        found: list[Finding] = []
        if name in SORTS:
            found = yield Aside(_sorted(scene, listing, parameter))
        elif column is not None and _is_plain(column):
            found = yield Aside(_filtered(scene, listing, parameter, column))
        elif column is None and parameter.schema.get("type", "string") == "string":
            found = yield Aside(_searched(scene, listing, parameter))
        if found:
            return found
    return []


def _filtered(
    scene: Scene, listing: Listing, parameter: Parameter, column: Column[Any]
) -> Steps[list[Finding]]:
    """Give one row another value, and ask for those that have the value of ours."""
    value = scene.world.ours[listing.model.table.fullname].get(column.name)
    other = _other(column, value, parameter.schema)
    if value is None or other is None:
        return []
    rows = yield partial(like_ours, scene, listing)
    if not rows or not (yield partial(set_column, column, rows[-1:], (other,))):
        return []
    query = {**scene.recipe.query, **at_once(scene.operation)}
    whole = yield from scene.ask(query=query)
    values = _values(listing, whole, column)
    if plain(value) not in values or plain(other) not in values:
        return []  # Nothing says which row has which, or the list is of some only.
    asked = str(plain(value)).lower() if isinstance(value, bool) else plain(value)
    visit = yield from scene.ask(query={**query, parameter.name: asked})
    shown = _values(listing, visit, column)
    if wrong_total := _total_of(scene, listing, parameter, whole, visit):
        return [wrong_total]
    if not visit.opens or not (wrong := [one for one in shown if not _is_like(one, value)]):
        missing = visit.opens and plain(value) not in shown
        return [_left_out(scene, parameter, visit, values)] if missing else []
    return [
        scene.finding(
            "lists",
            f"{visit} with {parameter.name}={asked}, and has rows with {column.name} = "
            f"{wrong[0]!r}.",
            evidence=said(listing.elements(visit)),
            fix=f"Have {parameter.name} limit the query.",
        )
    ]


def _searched(scene: Scene, listing: Listing, parameter: Parameter) -> Steps[list[Finding]]:
    """Search for what no row has: there is nothing then, and nothing is counted."""
    if parameter.name in scene.recipe.query or listing.total(scene.granted) is None:
        return []
    visit = yield from scene.ask(query={**scene.recipe.query, parameter.name: _NOTHING})
    wrong = _total_of(scene, listing, parameter, scene.granted, visit)
    return [wrong] if wrong is not None and visit.opens else []


def _total_of(
    scene: Scene, listing: Listing, parameter: Parameter, whole: Visit, visit: Visit
) -> Finding | None:
    """Return what is wrong with the total of what a filter leaves; None where it agrees."""
    every, total = listing.total(whole), listing.total(visit)
    rows, left = len(listing.elements(whole)), len(listing.elements(visit))
    if every is None or total is None or every[1] != rows or left >= rows or total[1] == left:
        return None
    return scene.finding(
        "lists",
        f"{visit} with {parameter.name}={visit.request.query[parameter.name]} has {left} rows, and "
        f"says {total[0]} = {total[1]}.",
        evidence=f"{total[0]} = {every[1]} without it",
        fix="Count the rows that the list is of, with the same conditions.",
    )


def _left_out(scene: Scene, parameter: Parameter, visit: Visit, values: list[Any]) -> Finding:
    return scene.finding(
        "lists",
        f"{visit} with {parameter.name}={visit.request.query[parameter.name]}, and leaves out rows "
        "that have it.",
        evidence=f"without it the list has {parameter.name} = {values[:4]}",
        fix=f"Have {parameter.name} limit the query to the rows that have it.",
    )


def _sorted(scene: Scene, listing: Listing, parameter: Parameter) -> Steps[list[Finding]]:
    """Make rows that stand in no order, and ask for each order that the parameter knows."""
    known = [one for one in choices_of(parameter.schema) if isinstance(one, str)]
    columns = {one: listing.model.column(DIRECTION.sub("", one)) for one in known}
    rows = yield partial(like_ours, scene, listing)
    for choice, column in columns.items():
        mixed = None if column is None or column.foreign_keys else _mixed(column)
        if column is None or mixed is None or len(rows) < ROWS:
            continue
        if not (yield partial(set_column, column, rows, mixed)):
            continue
        query = {**scene.recipe.query, **at_once(scene.operation), parameter.name: choice}
        visit = yield from scene.ask(query=query)
        shown = [one for one in _values(listing, visit, column) if one in mixed]
        if visit.opens and len(shown) == ROWS and shown not in (sorted(mixed), sorted(mixed)[::-1]):
            return [
                scene.finding(
                    "lists",
                    f"{visit} with {parameter.name}={choice}, and is in another order.",
                    evidence=f"{column.name}: {shown}",
                    fix=f"Order the query by what {parameter.name} says.",
                )
            ]
    return []


def like_ours(scene: Scene, listing: Listing) -> list[Row]:
    """Make some rows that the list of ours has as well."""
    below = scene.recipe.tables_in_path
    return further(scene.world, listing.model.kind, ROWS, below=below, rows=scene.recipe.rows)


def _values(listing: Listing, visit: Visit, column: Column[Any]) -> list[Any]:
    """Return what the elements of a list say that a column is."""
    names = {column.name, *(it for it, one in listing.model.attributes.items() if one is column)}
    return [
        one
        for element in listing.elements(visit)
        for name, one in (element.items() if isinstance(element, Mapping) else ())
        if snake(name) in names
    ]


def _is_plain(column: Column[Any]) -> bool:
    return not (column.foreign_keys or column.primary_key or isinstance(column.type, DateTime))


def _is_like(shown: Any, value: Any) -> bool:
    """Tell whether a row may be shown to who asks for a value: a text may be part of another."""
    wanted = plain(value)
    if isinstance(shown, str) and isinstance(wanted, str):
        return wanted.lower() in shown.lower()
    return bool(shown == wanted)


def _other(column: Column[Any], value: Any, schema: Schema) -> Any:
    """Return what a row may have as well, that nothing like the value is part of."""
    if isinstance(value, bool):
        return not value
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return next((one for one in column.type.enum_class if one != value), None)
    choices = [*choices_of(schema)] or [*getattr(column.type, "enums", ())]
    if choices:
        return next((one for one in choices if one != plain(value) and one is not None), None)
    if isinstance(column.type, Integer):
        return value + 1 if isinstance(value, int) else None
    length = getattr(column.type, "length", None) or 9
    return "wk other"[:length] if isinstance(column.type, String) else None


def _mixed(column: Column[Any]) -> tuple[Any, ...] | None:
    if column.primary_key or isinstance(column.type, (DateTime, Enum)):
        return None
    if isinstance(column.type, String) and (column.type.length or 9) >= len(_MIXED[0]):
        return _MIXED
    return _MIXED_NUMBERS if isinstance(column.type, (Integer, Numeric)) else None


def choices_of(schema: Schema) -> Iterator[Any]:
    """Yield the values that a schema names."""
    for one in alternatives(schema):
        yield from one.get("enum", ())
