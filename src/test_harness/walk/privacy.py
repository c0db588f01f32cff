"""Whether only those see rows of a table whose rows they are, by what the routes refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.recipe import Recipe, Symbol, symbols_in
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import each_shown_in, shown_in
from test_harness.walk.visit import Visit

# Each is a request.
MOST = 3
# Who knows one of these may see the row, whoever it is.
_SECRET = re.compile(r"(?i)token|secret|share|invit|code|hash")


def is_private(
    scene: Scene, table: str, within: frozenset[str] = frozenset()
) -> Steps[bool | None]:
    """Tell whether the owner is not to be shown a stranger's row of a table.

    The route of a single one refuses it, or all routes below one do; or it is of no such route, and
    lists have everybody's own rows, or all that its rows belong to is private. None where nothing
    tells. It is asked once in a world: what a look writes there is undone, and in another one the
    rows may be in other states.

    Args:
        scene: The operation.
        table: The name of the table.
        within: The tables that it is asked for the sake of.
    """
    known = scene.world.private
    if table in known:
        return known[table]
    if table in within:
        return None  # Of tables that belong to each other none is asked twice.
    found = yield from _is_private(scene, table, within | {table})
    if found is not None or not within:
        # That nothing tells may be so only because the question is part of another.
        known[table] = found
    return found


def private_shown(scene: Scene, visit: Visit) -> Steps[Finding | None]:
    """Return what is wrong with an answer that shows a private row of somebody else.

    Args:
        scene: The operation.
        visit: A request of the owner, or of a stranger, and what came of it.
    """
    ownership = scene.world.ownership
    mine, others, whose, side = scene.world.ours, scene.world.theirs, "a stranger's", "theirs"
    if visit.principal == "stranger":
        mine, others, whose, side = others, mine, "the owner's", "ours"
    for model in (*ownership.tenants, *ownership.owners):
        table = inspect(model).local_table.fullname
        for shown in each_shown_in(visit, others.get(table, {}), mine) if visit.opens else ():
            if not (yield from _is_of_private_rows(scene, side, table, shown[1])):
                continue
            return scene.finding(
                "tenancy",
                f"{visit}, and shows {whose} row of {table}, which other routes refuse.",
                evidence=f"{table}.{shown[0]} = {shown[1]!r}",
                fix="Have the query ask for rows of who asks only.",
            )
    return None


def _is_of_private_rows(scene: Scene, side: str, table: str, value: str) -> Steps[bool]:
    """Tell whether no row that all may see has a value: a post may say what a letter does.

    Args:
        scene: The operation.
        side: The name of the side that the row is of.
        table: Its table.
        value: The value.
    """
    every = {it for of, it in scene.world.places.get(value, ()) if of == side} - {table}
    for one in (table, *sorted(it for it in every if all_models().of_table(it) is not None)):
        if not (yield from is_private(scene, one)):
            return False
    return True


def open_beside(scene: Scene, visit: Visit) -> Steps[str]:
    """Return what is wrong with an answer to who has not logged in; empty if it may well be meant.

    It shows a row of the owner, and all other routes that read such rows are refused: two at least.

    Args:
        scene: The operation.
        visit: What nobody was answered.
    """
    ownership, ours = scene.world.ownership, scene.world.ours
    if any(_SECRET.search(one.of) for one in symbols_in(scene.recipe.path)):
        return ""
    for model in ownership.bound if ownership.tenants else ownership.owners:
        table = inspect(model).local_table.fullname
        if table not in ours or not shown_in(visit, ours[table], scene.world.theirs):
            continue
        if scene.recipe.rows.get(table):
            return ""  # In a state in which it is there for all, such as published.
        others = [*_reading(scene, table), *_lists(scene, table)]
        refused = []
        for operation, recipe in [one for one in others if one[0] != scene.operation][:MOST]:
            asked = recipe.asked_as("anonymous")
            other = yield from perform(operation, asked, scene.world, scene.book)
            if other.status not in {401, 403}:
                return ""
            refused.append(str(operation))
        if len(refused) > 1:
            names = " and ".join(refused[:2])
            return f"shows the owner's row of {table}, although nobody may ask for {names}"
    return ""


def theirs_in(value: Any, scene: Scene) -> Any:
    """Return a part of a recipe in which the stranger's rows stand where ours did.

    Args:
        value: The part.
        scene: Has the rows.
    """
    if isinstance(value, Symbol) and value.kind == "row":
        known = value.of.rpartition(".")[0] in scene.world.theirs
        return Symbol("theirs", value.of) if known else value
    if isinstance(value, dict):
        return {name: theirs_in(one, scene) for name, one in value.items()}
    return [theirs_in(one, scene) for one in value] if isinstance(value, list) else value


def _is_private(scene: Scene, table: str, within: frozenset[str]) -> Steps[bool | None]:
    known = [*_reading(scene, table)]
    singles = [one for one in known if one[0].path.endswith("}")]
    for operation, recipe in (singles or known)[:MOST]:
        changed = recipe.but(path=theirs_in(dict(recipe.path), scene))
        visit = yield from perform(operation, changed, scene.world, scene.book)
        if not visit.refuses or visit.breaks:
            return False if singles else None
        if singles:
            return True
    model = all_models().of_table(table)
    if known or model is None:
        return True if known else None
    if (yield from _lists_own(scene, table)):
        return True
    ownership = scene.world.ownership
    apart = {model.kind, ownership.users, *ownership.tenants}
    links = ownership.links.get(model.kind, [])
    above = [it.target for it in links if it.required and it.target not in apart]
    for parent in above:
        if not (yield from is_private(scene, inspect(parent).local_table.fullname, within)):
            return None
    return True if above else None


def _reading(scene: Scene, table: str) -> Iterator[tuple[Operation, Recipe]]:
    """Yield the routes that the owner reads, and whose path names a row of a table last."""
    for name, recipe in scene.book.recipes.items():
        operation = scene.book.operations.get(name)
        if operation is None or operation.method != "GET" or recipe.skip:
            continue
        named = [*symbols_in(recipe.path)][-1:]
        if recipe.principal == "owner" and any(
            one.of.rpartition(".")[0] == table and not _SECRET.search(one.of) for one in named
        ):
            yield operation, recipe


def _lists_own(scene: Scene, table: str) -> Steps[bool]:
    """Tell whether there is a list of rows of ours, and each that has one has none of others."""
    ours, theirs = scene.world.ours, scene.world.theirs
    seen = False
    for operation, recipe in [*_lists(scene, table)][:MOST]:
        visit = yield from perform(operation, recipe, scene.world, scene.book)
        if not visit.opens or shown_in(visit, theirs[table], ours):
            return False
        seen = seen or bool(shown_in(visit, ours[table], theirs))
    return seen


def _lists(scene: Scene, table: str) -> Iterator[tuple[Operation, Recipe]]:
    model = all_models().of_table(table)
    for name, recipe in scene.book.recipes.items() if table in scene.world.theirs else ():
        operation = scene.book.operations.get(name)
        if operation is None or operation.method != "GET" or recipe.skip or recipe.path:
            continue
        last = all_models().called(operation.path.rstrip("/").rpartition("/")[2])
        if recipe.principal == "owner" and last is model:
            yield operation, recipe
