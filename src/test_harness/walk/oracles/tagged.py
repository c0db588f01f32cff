"""A list that is asked for by what its rows are joined to has those, of who asks, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column

from test_harness.walk.finding import Finding
from test_harness.walk.joining import Join, joins_of, link
from test_harness.walk.listing import Listing, at_once, listing_of
from test_harness.walk.models import all_models, fits_type, singular, snake
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.filters import like_ours
from test_harness.walk.privacy import is_private
from test_harness.walk.recipe import plain
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import seen_whole
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Visit

FAMILY = "answers"
# By so many columns at most a row is named.
MOST = 3
_ENDS = ("id", "ids", "name", "names", "slug", "slugs", "uuid")


@dataclass(frozen=True)
class _Asked:
    """What a parameter asks for.

    Args:
        parameter: The parameter.
        join: What joins the rows of the list to what it names.
        columns: By which it may name that, the likeliest first.
    """

    parameter: Parameter
    join: Join
    columns: list[Column[Any]]


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes a parameter."""
    return operation.method == "GET" and bool(operation.parameters_in("query"))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Join one of our rows, and one of a stranger's, to what is asked for, and ask for it."""
    listing = listing_of(scene)
    if listing is None:
        return []
    for asked in _asked(scene, listing):
        for column in asked.columns[:MOST]:
            found: list[Finding] | None = yield Aside(_by(scene, listing, asked, column))
            if found:
                return found
            if found is not None:
                break
    return []


def _asked(scene: Scene, listing: Listing) -> Iterator[_Asked]:
    ownership = scene.world.ownership
    # Whose a row is, and whose it is to see by a membership, a table in between does not say.
    apart = {ownership.users, *ownership.tenants}
    apart |= {link.target for link in ownership.links.get(listing.model.kind, ())}
    for parameter in scene.operation.parameters_in("query"):
        name = snake(parameter.name)
        for join in joins_of(ownership.links, listing.model):
            other = all_models().of_table(join.other.fullname)
            if other is None or other.kind in apart or other.table.fullname not in scene.world.ours:
                continue
            names = {singular(name), *(singular(name.removesuffix(f"_{it}")) for it in _ENDS)}
            if names & other.called and listing.model.column(name) is None:
                keys = [] if other.key is None else [other.key]
                columns = [*dict.fromkeys([*other.by_name(), *keys])]
                fitting = [one for one in columns if _fits(one, parameter)]
                if fitting:
                    yield _Asked(parameter, join, fitting)


def _fits(column: Column[Any], parameter: Parameter) -> bool:
    every = [parameter.schema, *parameter.schema.get("anyOf", ())]
    every = [one.get("items", one) for one in every]
    return any(fits_type(column, one) for one in every if one.get("type") != "null")


def _by(
    scene: Scene, listing: Listing, asked: _Asked, column: Column[Any]
) -> Steps[list[Finding] | None]:
    """Return what is wrong; None where a row is not found that has what is asked for."""
    name, join, world = asked.parameter.name, asked.join, scene.world
    rows = yield partial(like_ours, scene, listing)
    seeing = (yield from seen_whole(scene, listing, rows)) if rows else None
    if seeing is None or not all(row in seeing.rows for row in rows):
        return []
    other, theirs = world.ours[join.other.fullname], world.theirs.get(listing.model.table.fullname)
    if not (yield partial(link, join, rows[0], other, world.ours)):
        return []
    if theirs is not None:
        yield partial(link, join, theirs, other, world.ours)
    value = plain(other[column.name])
    query = {**scene.recipe.query, **at_once(scene.operation), name: value}
    visit = yield from scene.ask(query=query)
    elements = listing.elements(visit)
    if not visit.opens or not seeing.times(rows[0], elements):
        return None
    is_new = theirs is not None and not shown_in(seeing.whole, theirs, world.ours)
    if is_new and (found := (yield from _of_stranger(scene, listing, visit, f"{name}={value}"))):
        return [found]
    wrong = next((row for row in rows[1:] if seeing.times(row, elements)), None)
    if wrong is not None:
        problem = f"has rows that {join.table.name} does not join to it"
        evidence, fix = seeing.name_of(wrong), f"Have {name} limit the query by {join.table.name}."
    elif seeing.times(rows[0], elements) > 1:
        problem, evidence = "has a row several times", seeing.name_of(rows[0])
        fix = "Ask for each row once: `distinct()`, or `exists()`."
    else:
        return []
    said_so = f"{visit} with {name}={value}, and {problem}."
    return [scene.finding("lists", said_so, evidence=evidence, fix=fix)]


def _of_stranger(scene: Scene, listing: Listing, visit: Visit, asked: str) -> Steps[Finding | None]:
    """Return what is wrong with an answer that shows a stranger's row which is no one else's."""
    ownership, table = scene.world.ownership, listing.model.table.fullname
    shown = shown_in(visit, scene.world.theirs[table], scene.world.ours)
    if shown is None:
        return None
    is_apart = bool(ownership.tenants) and listing.model.kind in ownership.bound
    if not is_apart and not (yield from is_private(scene, table)):
        return None
    return scene.finding(
        "tenancy",
        f"{visit} with {asked}, and shows a stranger's row of {table}.",
        evidence=f"{table}.{shown[0]} = {shown[1]!r}",
        fix="Have the query ask for rows of who asks only, whatever else it asks for.",
    )
