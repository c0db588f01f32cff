"""No parameter of the query leads out of what is ours: no flag, no key, and no word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from test_harness.walk.finding import Finding
from test_harness.walk.hints import is_there, symbol_of
from test_harness.walk.listing import listing_of
from test_harness.walk.models import all_models, snake, target_of
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.oracles.tenancy import shown_to
from test_harness.walk.privacy import private_shown, theirs_in
from test_harness.walk.recipe import plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import telling_of

FAMILY = "access"
# Each is a request.
MOST = 10
# So much of a text is looked for.
PART = 4
_SEARCH = {"q", "query", "search", "term", "keyword", "text", "s", "filter", "find", "contains"}
_FLAG = re.compile(
    r"^(all|everything|mine|own|my|only_\w+|include_\w+|show_\w+|with_\w+|is_\w+|global|deep|expand|full|admin|public)$"
)


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and takes a parameter."""
    return operation.method == "GET" and bool(operation.parameters_in("query"))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as the owner with each parameter that may lead elsewhere."""
    world = scene.world
    if scene.recipe.principal != "owner" or "stranger" not in world.principals:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    if anonymous.opens or any(shown_to(scene, scene.granted, world.theirs, world.ours)):
        return []
    for name, value in [*_ways(scene)][:MOST]:
        visit = yield from scene.ask(query={**scene.recipe.query, name: value})
        if world.ownership.tenants:
            first = next(shown_to(scene, visit, world.theirs, world.ours), None)
        else:
            first = yield from private_shown(scene, visit)
        if first is not None:
            problem = f"{visit} with {name}={value}, and shows a stranger's row."
            return [scene.finding("tenancy", problem, evidence=first.evidence, fix=first.fix)]
    return (yield from _by_no_key(scene)) if world.ownership.tenants else []


def _by_no_key(scene: Scene) -> Steps[list[Finding]]:
    """Ask as a stranger for a row of ours by a key that it need not have, and has for this."""
    listing = listing_of(scene)
    for one in scene.operation.parameters_in("query") if listing is not None else ():
        column = listing.model.column(one.name) if listing is not None else None
        table: Any = None if column is None else column.table
        if column is None or not column.foreign_keys or not column.nullable:
            continue
        target = target_of(column)
        ours = scene.world.ours
        if ours[table.fullname].get(column.name) is not None or not is_there(target, scene.world):
            continue
        symbol = symbol_of(target)
        rows = {**scene.recipe.rows, table.fullname: {column.name: symbol}}
        path = theirs_in(dict(scene.recipe.path), scene)
        query = {**scene.recipe.query, one.name: symbol}
        visit = yield from scene.ask(principal="stranger", path=path, query=query, rows=rows)
        if found := [*shown_to(scene, visit, ours, scene.world.theirs)]:
            problem = f"{visit} with {one.name}, and shows the owner's row."
            return [scene.finding("tenancy", problem, evidence=found[0].evidence, fix=found[0].fix)]
    return []


def _ways(scene: Scene) -> Iterator[tuple[str, Any]]:
    for one in scene.operation.parameters_in("query"):
        name, kinds = snake(one.name), {*_kinds(one)}
        if "boolean" in kinds or (_FLAG.match(name) and not kinds & {"integer", "number"}):
            yield one.name, "true"
        for column in all_models().meant(name):
            table: Any = column.table
            theirs = scene.world.theirs.get(table.fullname, {})
            if theirs.get(column.name) is not None and name not in _SEARCH:
                yield one.name, str(plain(theirs[column.name]))
                break
        if name in _SEARCH:
            for text in dict.fromkeys(_parts_of_texts(scene)):
                yield one.name, text


def _kinds(parameter: Parameter) -> Iterator[str]:
    for one in (parameter.schema, *parameter.schema.get("anyOf", ())):
        if isinstance(kind := one.get("type"), str):
            yield kind


def _parts_of_texts(scene: Scene) -> Iterator[str]:
    """Yield the beginnings of texts that a stranger's rows have."""
    for model in scene.world.ownership.bound:
        row = scene.world.theirs.get(inspect(model).local_table.fullname)
        for _, text in telling_of(row, scene.world.ours) if row else ():
            if re.match(r"[A-Za-z ]{4}", text):
                yield text[:PART]
