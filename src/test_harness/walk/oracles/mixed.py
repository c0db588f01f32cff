"""A path or a payload that names rows of two sides at once is not taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import inspect

from test_harness.walk.finding import Finding
from test_harness.walk.fitting import narrowed
from test_harness.walk.hints import hints_for, is_there, spoken_of, symbol_of
from test_harness.walk.models import KEYS, all_models, fits_type, snake
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.tenancy import shown_to, written_by
from test_harness.walk.places import Place, is_row, put, rows_within
from test_harness.walk.privacy import is_private, theirs_in
from test_harness.walk.recipe import Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.touched import tables
from test_harness.walk.values import value_for
from test_harness.walk.visit import Change, Visit

FAMILY = "access"
# Each is a request.
MOST = 4
# Where something goes to is somebody else's: what is sent, or paid.
_OF_ANOTHER = re.compile(
    r"(?i)(^|_)(to|recipient|receiver|target|dest|destination|payee|beneficiary|other|friend|peer)(_|$)"
)
# Who does something with a row of a tenant is one of its members.
_IN_CHARGE = re.compile(r"(?i)assign|manager|responsib|reviewer|approver|(^|_)(lead|owner)_")


def applies(operation: Operation) -> bool:
    """Tell whether a request may name several rows."""
    return len(operation.parameters_in("path")) > 1 or operation.writes


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as a stranger for our row in a stranger's parent, and as us with a stranger's row."""
    if scene.recipe.principal == "anonymous" or "stranger" not in scene.world.principals:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    if anonymous.opens:
        return []
    found = yield from _in_path(scene)
    if found:
        return found[:1]
    for key in ("json", "form"):
        payload = getattr(scene.recipe, key)
        named = {**dict(_rows_in(payload, scene)), **dict(_not_sent(payload, scene))}
        several = [*_lists_not_sent(payload, scene)]
        asked = [(place, symbol, payload) for place, symbol in named.items()][:MOST]
        asked += [(place, symbol, put(payload, place[:1], held)) for place, symbol, held in several]
        for place, symbol, full in asked[: 2 * MOST]:
            sent = put(full, place, Symbol("theirs", symbol.of))
            visit = yield from scene.ask(**{key: sent})
            if not visit.opens:
                continue
            taken = [it for it in visit.changes if _leads_there(it, symbol, scene)]
            if not taken and _is_named(place, symbol):
                taken = [*_changed_itself(visit, symbol, scene)]
            if taken and (yield from _is_of_one_side(scene, symbol)):
                return [_finding(scene, visit, place, symbol, taken[0])]
    return []


def _in_path(scene: Scene) -> Steps[list[Finding]]:
    """Ask for our row below what is a stranger's."""
    symbols = [(it, one) for it, one in scene.recipe.path.items() if is_row(one)]
    if len(symbols) < 2:
        return []
    table = symbols[-1][1].of.rpartition(".")[0]
    if not scene.world.ownership.tenants and not (yield from is_private(scene, table)):
        return []
    parents = {it: theirs_in(one, scene) for it, one in symbols[:-1]}
    held = {name: theirs_in(getattr(scene.recipe, name), scene) for name in ("json", "form")}
    path = {**scene.recipe.path, **parents}
    visit = yield from scene.ask(principal="stranger", path=path, **held)
    return [*written_by(scene, visit)] or [
        *shown_to(scene, visit, scene.world.ours, scene.world.theirs)
    ]


def _finding(scene: Scene, visit: Visit, place: Place, symbol: Symbol, change: Change) -> Finding:
    table = symbol.of.rpartition(".")[0]
    name = ".".join(map(str, place))
    return scene.finding(
        "tenancy",
        f"{visit} when {name!r} was that of a stranger's row of {table}.",
        evidence=str(change),
        fix="Look for the row among those of who asks, and answer 404 without one.",
    )


def _rows_in(payload: Any, scene: Scene) -> Iterator[tuple[Place, Symbol]]:
    """Yield what names a row which is of one tenant, or of one user."""
    return ((place, it) for place, it in rows_within(payload) if _is_somebodys(place, it, scene))


def _not_sent(payload: Any, scene: Scene) -> Iterator[tuple[Place, Symbol]]:
    """Yield the rows that a payload may name beside those that it does."""
    if not isinstance(payload, Mapping):
        return
    about = spoken_of(scene.operation, all_models())
    for name, schema in (scene.operation.body or {}).get("properties", {}).items():
        column = next(iter(all_models().meant(name, spoken_of=about)), None)
        if name in payload or name in KEYS or column is None or not is_there(column, scene.world):
            continue
        symbol = symbol_of(column)
        if fits_type(column, narrowed(schema)) and _is_somebodys((name,), symbol, scene):
            yield (name,), symbol


def _lists_not_sent(payload: Any, scene: Scene) -> Iterator[tuple[Place, Symbol, list[Any]]]:
    """Yield the rows that a list which a payload need not have may name, with the list."""
    if not isinstance(payload, Mapping):
        return
    models, about = all_models(), spoken_of(scene.operation, all_models())
    for name, schema in (scene.operation.body or {}).get("properties", {}).items():
        items = narrowed(narrowed(schema).get("items") or {})
        if payload.get(name) or not items:
            continue
        hint = hints_for(scene.operation, scene.world, models)
        held = value_for(items, name, hint)
        fields = items.get("properties", {"": items})
        for field, inner in fields.items():
            said = field or snake(name).removesuffix("s")
            column = next(iter(models.meant(said, spoken_of=about if not field else None)), None)
            if column is None or field in KEYS or not is_there(column, scene.world):
                continue
            symbol, place = symbol_of(column), (name, 0, field) if field else (name, 0)
            if fits_type(column, narrowed(inner)) and _is_somebodys(place, symbol, scene):
                yield place, symbol, [held]


def is_of_another(name: str) -> bool:
    """Tell whether a field says where something goes to.

    Args:
        name: Of the field.
    """
    return bool(_OF_ANOTHER.search(name))


def _is_somebodys(place: Place, symbol: Symbol, scene: Scene) -> bool:
    ownership, table = scene.world.ownership, symbol.of.rpartition(".")[0]
    own = {*ownership.bound, *ownership.tenants} if ownership.tenants else {*ownership.owners}
    name = _field(place)
    if not ownership.tenants and is_of_another(name):
        return False
    if ownership.memberships and ownership.users and _IN_CHARGE.search(name):
        own.add(ownership.users)
    tables = {inspect(model).local_table.fullname for model in own}
    return table in tables & {*scene.world.theirs}


def _field(place: Place) -> str:
    """Return the name of what stands at a place, of a list that of the whole."""
    return next((it for it in reversed(place) if isinstance(it, str)), "")


def _is_named(place: Place, symbol: Symbol) -> bool:
    """Tell whether a field says which rows are to be changed: `ids`, or `task_id` for a task."""
    name = snake(_field(place))
    model = all_models().of_table(symbol.of.rpartition(".")[0])
    called = model.called if model is not None else ()
    return name in KEYS or name in {f"{it}_{key}" for it in called for key in ("id", "ids", "uuid")}


def _changed_itself(visit: Visit, symbol: Symbol, scene: Scene) -> Iterator[Change]:
    """Yield the change of the stranger's row, where it is all that was done."""
    table, _, column = symbol.of.rpartition(".")
    value = scene.world.theirs[table][column]
    if any(one.before is None for one in visit.changes):
        return  # What is added tells what was done: a transfer changes the rows of two.
    for one in visit.changes:
        if one.table == table and (one.before or {}).get(column) == value:
            yield one


def _leads_there(change: Change, symbol: Symbol, scene: Scene) -> bool:
    """Tell whether a row has a foreign key to the stranger's."""
    table, _, column = symbol.of.rpartition(".")
    value = scene.world.theirs[table][column]
    if change.after is None:
        return False
    for one in tables():
        for key in one.foreign_keys if one.fullname == change.table else ():
            before = (change.before or {}).get(key.parent.name)
            is_there_now = change.after.get(key.parent.name) == value != before
            if key.column.table.fullname == table and is_there_now:
                return True
    return False


def _is_of_one_side(scene: Scene, symbol: Symbol) -> Steps[bool]:
    """Tell whether a row is of its owner, or of its tenant, only."""
    private = yield from is_private(scene, symbol.of.rpartition(".")[0])
    return bool(scene.world.ownership.tenants) if private is None else private
