"""A list that is asked for by a least or a largest value shows the rows on that side of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, Numeric

from test_harness.walk.finding import Finding
from test_harness.walk.listing import Listing, at_once, listing_of
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.filters import like_ours
from test_harness.walk.preparing import set_column
from test_harness.walk.recipe import now_plus, plain
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import Seeing, seen_whole
from test_harness.walk.steps import Aside, Steps

FAMILY = "answers"
_LEAST = r"min|minimum|gte?|ge|from|since|after|start(?:ing)?"
_MOST = r"max|maximum|lte?|le|to|until|till|before|end(?:ing)?"
_NAME = re.compile(
    rf"^(?:(?P<least>{_LEAST})|(?P<most>{_MOST}))_(?P<of>\w+)$"
    rf"|^(?P<of_too>\w+?)_{{1,2}}(?:(?P<least_too>{_LEAST})|(?P<most_too>{_MOST}))$"
)
# The value itself is on its side, where these say which side it is.
_INCLUDES = re.compile(r"(^|_)(min|max|minimum|maximum|gte|lte|ge|le)(_|$)")
_ENDS = ("", "_at", "_on", "_date", "_time", "d_at")
_NUMBERS = (71, 72, 73)
_DAYS = (-30, -20, -10)


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes a bound."""
    names = (snake(one.name) for one in operation.parameters_in("query"))
    return operation.method == "GET" and any(map(_NAME.match, names))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make rows of three values, and ask for those on each side of the one in the middle."""
    listing = listing_of(scene)
    for parameter in scene.operation.parameters_in("query") if listing is not None else ():
        column = None if listing is None else _bounded(listing, parameter)
        if listing is None or column is None:
            continue
        found: list[Finding] = yield Aside(_bound(scene, listing, parameter, column))
        if found:
            return found
    return []


def _bounded(listing: Listing, parameter: Parameter) -> Column[Any] | None:
    """Return the column that a parameter is a bound of; None where it is none."""
    name = snake(parameter.name)
    said = _NAME.match(name)
    if said is None or listing.model.column(name) is not None:
        return None
    of = said["of"] or said["of_too"]
    for end in _ENDS:
        column = listing.model.column(f"{of}{end}")
        is_key = column is None or column.primary_key or column.foreign_keys
        if not is_key and column is not None and _values(column):
            return column
    return None


def _bound(
    scene: Scene, listing: Listing, parameter: Parameter, column: Column[Any]
) -> Steps[list[Finding]]:
    rows = yield partial(like_ours, scene, listing)
    values = _values(column)
    if len(rows) != len(values) or not (yield partial(set_column, column, rows, values)):
        return []
    seeing = yield from seen_whole(scene, listing, rows)
    if seeing is None or not all(row in seeing.rows for row in rows):
        return []
    query = {**scene.recipe.query, **at_once(scene.operation), parameter.name: plain(values[1])}
    visit = yield from scene.ask(query=query)
    if not visit.opens:
        return []
    shown = [bool(seeing.times(row, listing.elements(visit))) for row in rows]
    for wrong in _wrong(seeing, parameter, column, shown, values):
        problem = f"{visit} with {parameter.name}={plain(values[1])}, and {wrong}."
        evidence = f"{column.name} of the rows: {', '.join(str(plain(one)) for one in values)}"
        fix = f"Have {parameter.name} limit the query by {column.name}."
        return [scene.finding("lists", problem, evidence=evidence, fix=fix)]
    return []


def _wrong(
    seeing: Seeing,
    parameter: Parameter,
    column: Column[Any],
    shown: Sequence[bool],
    values: Sequence[Any],
) -> Iterator[str]:
    """Yield what is wrong with which of three rows are shown, the least of them first."""
    said = _NAME.match(snake(parameter.name))
    is_least = said is not None and bool(said["least"] or said["least_too"])
    outside, inside = (0, 2) if is_least else (2, 0)
    if shown[outside]:
        yield f"has a row whose {column.name} is {plain(values[outside])}"
    if not shown[inside]:
        yield f"leaves out a row whose {column.name} is {plain(values[inside])}"
    if not shown[1] and _INCLUDES.search(snake(parameter.name)):
        yield f"leaves out the row that has just that {column.name}"


def _values(column: Column[Any]) -> tuple[Any, ...]:
    """Return three values of a column, far from each other; nothing for one without an order."""
    if isinstance(column.type, DateTime):
        zone = None if not column.type.timezone else now_plus(0).tzinfo
        moments = (now_plus(0).replace(tzinfo=zone) + timedelta(days=one) for one in _DAYS)
        return tuple(one.replace(minute=0, second=0) for one in moments)
    if isinstance(column.type, Date):
        return tuple(_day(one) for one in _DAYS)
    return _NUMBERS if isinstance(column.type, (Integer, Numeric)) else ()


def _day(days: int) -> date:
    moment: datetime = now_plus(days)
    return moment.date()
