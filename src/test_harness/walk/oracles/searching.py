"""Who searches a list for a word gets the rows that have it, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, Enum, String

from test_harness.walk.finding import Finding
from test_harness.walk.listing import Listing, at_once, listing_of, said
from test_harness.walk.models import is_unique, snake
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.filters import like_ours
from test_harness.walk.preparing import set_column
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import Seeing, seen_whole
from test_harness.walk.steps import Aside, Steps

FAMILY = "answers"
_SEARCH = {"q", "query", "search", "term", "keyword", "keywords", "search_term", "search_query"}
# No row has it, nor a word that begins like it.
_NOTHING = "wk7qzx"
# What people look for, and what is beside it.
_NAMES = re.compile(r"^(title|name|subject|headline|label)$")
_BESIDE = re.compile(r"^(slug|summary|description|body|content|text|notes?|comments?)$")


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes a word to search for."""
    return operation.method == "GET" and any(searches(operation))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Search for what no row has, and for what one row has, in its name and beside it."""
    listing = listing_of(scene)
    for parameter in searches(scene.operation) if listing is not None else ():
        if listing is not None and parameter.name not in scene.recipe.query:
            found: list[Finding] = yield Aside(_searched(scene, listing, parameter))
            if found:
                return found
    return []


def searches(operation: Operation) -> Iterator[Parameter]:
    """Yield the parameters that take a word to search for."""
    return (it for it in operation.parameters_in("query") if snake(it.name) in _SEARCH)


def _searched(scene: Scene, listing: Listing, parameter: Parameter) -> Steps[list[Finding]]:
    rows = yield partial(like_ours, scene, listing)
    seeing = None if not rows else (yield from seen_whole(scene, listing, rows))
    if seeing is None or not all(row in seeing.rows for row in rows):
        return []
    query = {**scene.recipe.query, **at_once(scene.operation), parameter.name: _NOTHING}
    visit = yield from scene.ask(query=query)
    elements = listing.elements(visit)
    if visit.opens and len(elements) == len(listing.elements(seeing.whole)):
        problem = f"{visit} with {parameter.name}={_NOTHING}, and has rows that nowhere have it."
        fix = f"Have {parameter.name} limit the query."
        return [scene.finding("lists", problem, evidence=said(elements[0]), fix=fix)]
    named = next((one for one in _texts(seeing) if _NAMES.search(one.name)), None)
    if named is None or (yield Aside(_finds(seeing, named, query, parameter))) is not False:
        return []
    for column in _texts(seeing):
        if not _BESIDE.search(column.name):
            continue
        if (yield Aside(_finds(seeing, column, query, parameter))):
            problem = (
                f"{scene.operation} with {parameter.name} finds a row by its {column.name}, "
                f"and not by its {named.name}."
            )
            evidence = f"{parameter.name}={_NOTHING}, once a row has it as its {named.name}"
            fix = f"Have {parameter.name} look into {named.name} as well."
            return [scene.finding("lists", problem, evidence=evidence, fix=fix)]
    return []


def _texts(seeing: Seeing) -> Iterator[Column[Any]]:
    """Yield the columns of texts that the list shows."""
    elements = seeing.listing.elements(seeing.whole)
    shown = {snake(it) for one in elements[:1] if isinstance(one, Mapping) for it in one}
    for name, column in seeing.listing.model.attributes.items():
        is_text = isinstance(column.type, String) and not isinstance(column.type, Enum)
        if is_text and not column.foreign_keys and shown & {name, column.name}:
            yield column


def _finds(
    seeing: Seeing, column: Column[Any], query: Mapping[str, Any], parameter: Parameter
) -> Steps[bool | None]:
    """Tell whether a row is found by a word that stands in one of its columns; None if unknown."""
    row = next((one for one in seeing.rows[::-1] if column.name in one), None)
    length = getattr(column.type, "length", None) or len(_NOTHING)
    if row is None or length < len(_NOTHING) or (is_unique(column) and column.primary_key):
        return None
    if seeing.column == column.name or not (yield partial(set_column, column, [row], [_NOTHING])):
        return None
    visit = yield from seeing.scene.ask(query=query)
    if not visit.opens or parameter.name not in query:
        return None
    return bool(seeing.times({**row, column.name: _NOTHING}, seeing.listing.elements(visit)))
