"""What belongs to another is in no answer, and is changed by no write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import inspect

from test_harness.walk.finding import Finding
from test_harness.walk.links import Path
from test_harness.walk.listing import list_above
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.privacy import private_shown, theirs_in
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import each_shown_in, shown_in
from test_harness.walk.visit import Change, Row, Visit

FAMILY = "access"
# What others do to a row that is not theirs: they look at it, and like it.
_COUNTED = re.compile(
    r"(?i)(^|_)(views?|viewed|hits|likes|plays|downloads|clicks|visits|visited|votes|shares|reads)(_|$)"
    r"|(^|_)(counter|count)$|last_(seen|view|visit|access|activity)|popularity"
)
# Whoever wants to may become a member by these.
_JOINS = re.compile(
    r"(?i)/(join|subscribe|enrol|enroll|apply|rsvp|attend|follow|request-access)/?$"
)
_FIX = "Have the query ask for rows of who asks only."


def applies(operation: Operation) -> bool:
    """Tell whether it may show or change a row: any may."""
    return True


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as a stranger for what is ours, and see whether we are shown what is a stranger's."""
    if "stranger" not in scene.world.principals:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    if anonymous.opens or scene.recipe.principal == "anonymous":
        return []  # What everybody may see or do belongs to nobody.
    found: list[Finding] = []
    is_private = yield from _is_private(scene)
    for who in ("stranger", "removed"):
        if found or who not in scene.world.principals:
            continue
        visit = yield from scene.asked_as(who)
        found += written_by(scene, visit)
        if not found and visit.refuses and (own := _own_payload(scene)):
            # A row of ours with what is theirs: what it is to belong to may be all that is refused.
            found += written_by(scene, (yield from scene.ask(principal=who, **own)))
        if not found and is_private:
            found += shown_to(scene, visit, scene.world.ours, scene.world.theirs)
    if scene.recipe.principal == "owner" and not scene.world.ownership.tenants and not found:
        shown = yield from private_shown(scene, (yield from scene.asked_as("stranger")))
        found += [shown] if shown and not scene.recipe.rows else []
    if scene.recipe.principal == "owner" and scene.world.ownership.tenants and not found:
        found += shown_to(scene, scene.granted, scene.world.theirs, scene.world.ours)
    if scene.recipe.principal == "owner" and not found:
        shown = yield from private_shown(scene, scene.granted)
        found += [shown] if shown else _beside(scene)
    return found[:1]


def _own_payload(scene: Scene) -> dict[str, Any]:
    """Return the payload of a write in which a stranger names rows of theirs; empty without any."""
    recipe = scene.recipe
    held = {name: getattr(recipe, name) for name in ("json", "form") if recipe.tables_in_path}
    changed = {name: theirs_in(one, scene) for name, one in held.items()}
    return {name: one for name, one in changed.items() if one != held[name]}


def _beside(scene: Scene) -> Iterator[Finding]:
    """Yield what is wrong with what the owner has written: a row of a stranger as well."""
    ownership, visit = scene.world.ownership, scene.granted
    owned = {**_by_table(ownership.owners), **_by_table(ownership.bound)}
    for change in visit.changes:
        theirs = scene.world.theirs.get(change.table)
        if theirs is None or change.before is None or change.table not in owned:
            continue
        if tuple(theirs[it.name] for it in _keys(owned[change.table])) == tuple(change.key):
            yield scene.finding(
                "tenancy",
                f"{visit}, and a stranger's row of {change.table} is not as it was.",
                evidence=str(change),
                fix="Have the statement write to rows of who asks only.",
            )


def written_by(scene: Scene, visit: Visit) -> Iterator[Finding]:
    """Yield what is wrong with what somebody else has written: rows of ours.

    Args:
        scene: The operation.
        visit: A request of a stranger, and what came of it.
    """
    for change in () if _JOINS.search(visit.request.path) else visit.changes:
        if not is_counted(change) and (why := _is_of_ours(scene, change)):
            yield scene.finding(
                "tenancy",
                f"{visit}, and {why}.",
                evidence=str(change),
                fix="Look for the row among those of who asks, and answer 404 without one.",
            )


def is_counted(change: Change) -> bool:
    """Tell whether all that a row says otherwise is how often others came by.

    Args:
        change: What became of the row.
    """
    before, after = change.before, change.after
    if before is None or after is None:
        return False
    changed = [name for name in after if after[name] != before.get(name)]
    return all(_COUNTED.search(name) for name in changed)


def _is_of_ours(scene: Scene, change: Change) -> str:
    """Return why a change is one of what is ours; empty for what it is not."""
    world, ownership = scene.world, scene.world.ownership
    bound, owned = _by_table(ownership.bound), _by_table(ownership.owners)
    mine = world.ours.get(change.table)
    if change.before is not None and mine is not None and change.table in {*bound, *owned}:
        way = bound.get(change.table) or owned[change.table]
        key = tuple(mine[column.name] for column in _keys(way))
        if key == tuple(change.key):
            return f"the row of {change.table} is the owner's"
    row = change.before or change.after or {}
    for link in bound.get(change.table, ())[:1]:
        parents = inspect(link.target).local_table.fullname
        own = [inspect(link.model).columns[key].name for key in link.keys]
        theirs = [inspect(link.target).columns[key].name for key in link.referred]
        parent = world.ours.get(parents, {})
        if all(row.get(a) == parent.get(b, a) for a, b in zip(own, theirs, strict=True)):
            return f"{change.table}.{'+'.join(own)} leads to the owner's row of {parents}"
    return ""


def _keys(way: Path) -> Any:
    return inspect(way[0].model).primary_key


def _by_table(paths: Mapping[Any, Path]) -> dict[str, Path]:
    return {inspect(model).local_table.fullname: path for model, path in paths.items()}


def _is_private(scene: Scene) -> Steps[bool]:
    """Tell whether a stranger is not to be shown our row.

    It is of a tenant, or the list that it is in shows everybody their own rows only.
    """
    ownership = scene.world.ownership
    tables = scene.recipe.tables_in_path
    if ownership.tenants or not tables:
        return bool(ownership.tenants)
    above, table = list_above(scene.operation, scene.book), tables[-1]
    if above is None or table not in scene.world.theirs or scene.operation.method != "GET":
        return False
    recipe = scene.book.recipes[str(above)].asked_as("stranger")
    listed = yield from perform(above, recipe, scene.world, scene.book)
    ours, theirs = scene.world.ours, scene.world.theirs
    shows_own = shown_in(listed, theirs[table], ours)
    return bool(shows_own) and not shown_in(listed, ours[table], theirs)


def shown_to(
    scene: Scene, visit: Visit, rows: Mapping[str, Row], others: Mapping[str, Row]
) -> Iterator[Finding]:
    """Yield what is wrong with an answer: rows that are not those of who asked.

    Args:
        scene: The operation.
        visit: A request, and what came of it.
        rows: Those that it may not show, by their tables.
        others: Those that it may show.
    """
    ownership = scene.world.ownership
    private = _by_table(ownership.bound if ownership.tenants else ownership.owners)
    whose, side = "a stranger's", "theirs"
    if rows is scene.world.ours:
        whose, side = "the owner's", "ours"
    for table in private:
        if not visit.opens or table not in rows:
            continue
        for column, value in each_shown_in(visit, rows[table], others):
            if _is_for_all(scene, side, value):
                continue
            yield scene.finding(
                "tenancy",
                f"{visit}, and shows {whose} row of {table}.",
                evidence=f"{table}.{column} = {value!r}",
                fix=_FIX,
            )
            break


def _is_for_all(scene: Scene, side: str, value: str) -> bool:
    """Tell whether a row of no tenant has a value as well, such as the name of a kind of things."""
    ownership = scene.world.ownership
    apart = {*ownership.bound, *ownership.tenants, *ownership.owners, ownership.users}
    tables = {
        inspect(model).local_table.fullname for model in ownership.links if model not in apart
    }
    return any((side, table) in scene.world.places.get(value, ()) for table in tables)
