"""What anybody may send, and nothing is there for, is answered, and breaks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models, is_unique, snake
from test_harness.walk.operation import Operation, Schema
from test_harness.walk.places import put, rows_within
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.texts import NOTHING, places_of
from test_harness.walk.visit import Visit

FAMILY = "answers"
# The largest number that every database takes as a key.
NOBODY = 2**31 - 1
# Each is a request.
MOST = 6


def applies(operation: Operation) -> bool:
    """Tell whether it takes something."""
    return bool(operation.parameters) or operation.body is not None


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send the key of no row, what is taken, an empty payload, texts nobody knows, and nothing."""
    for when, changed in _odd(scene):
        visit = yield from scene.ask(**changed)
        if orphan := _orphan(scene, visit):
            return [
                scene.finding(
                    "odd input",
                    f"{visit} when {when}, and wrote a row that leads to it.",
                    evidence=orphan,
                    fix="Look for the row first, and answer 404 without one.",
                )
            ]
        if visit.breaks:
            return [
                scene.finding(
                    "odd input",
                    f"{visit} when {when}.",
                    evidence=visit.error or visit.text[:160],
                    fix="Refuse what is not there with a status of its own, such as 404 or 422.",
                )
            ]
    return []


def _odd(scene: Scene) -> Iterator[tuple[str, dict[str, Any]]]:
    recipe = scene.recipe
    last = next(reversed(scene.operation.parameters_in("path")), None)
    if last is not None and last.name in recipe.path and last.schema.get("type") == "integer":
        yield f"{last.name!r} was that of no row", {"path": {**recipe.path, last.name: NOBODY}}
    for key in ("json", "form"):
        payload = getattr(recipe, key)
        if isinstance(payload, Mapping) and payload and not recipe.files:
            yield "the payload was empty", {key: {}}
    for place, changed in places_of(scene, NOTHING):
        yield f"{place} was {NOTHING!r}", changed
    payload = recipe.json
    if isinstance(payload, Mapping) and not recipe.files:
        properties = (scene.operation.body or {}).get("properties", {})
        for name in [it for it, one in properties.items() if may_be_null(one)][:MOST]:
            yield f"{name!r} was null, as it may be", {"json": {**payload, name: None}}
    yield from _of_nobody(scene)
    yield from _taken(scene)


def _of_nobody(scene: Scene) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield payloads that name no row where they named one."""
    for key in ("json", "form"):
        payload = getattr(scene.recipe, key)
        for place, symbol in [*rows_within(payload)][:MOST] if not scene.recipe.files else ():
            table, _, column = symbol.of.rpartition(".")
            if type(scene.world.ours.get(table, {}).get(column)) is int:
                name = ".".join(map(str, place))
                yield f"{name!r} was the key of no row", {key: put(payload, place, NOBODY)}


def _taken(scene: Scene) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield requests that want what is there once only, and is somebody else's."""
    recipe, name = scene.recipe, str(scene.operation)
    for key in ("json", "form"):
        payload = getattr(recipe, key)
        if not isinstance(payload, Mapping) or recipe.files:
            continue
        for change in scene.granted.changes:
            model, row = all_models().of_table(change.table), change.after or {}
            other = scene.world.theirs.get(change.table, {})
            for field, sent in payload.items() if model is not None else ():
                column = None if model is None else model.column(snake(field))
                if column is None or not isinstance(sent, str) or not is_unique(column):
                    continue
                if row.get(column.name) == sent and isinstance(other.get(column.name), str):
                    taken = {**payload, field: other[column.name]}
                    yield f"{field!r} was that of another row", {key: taken}
    adds = any(it.before is None for it in scene.granted.changes)
    is_known = recipe == scene.book.recipes.get(name) and not recipe.after
    if scene.operation.method == "POST" and adds and is_known:
        yield "the same had been sent before", {"after": (name,)}


def may_be_null(schema: Schema) -> bool:
    """Tell whether a schema says itself that nothing may stand there."""
    kinds = schema.get("type")
    return (
        kinds == "null"
        or (isinstance(kinds, list) and "null" in kinds)
        or any(
            one.get("type") == "null" for key in ("anyOf", "oneOf") for one in schema.get(key, ())
        )
    )


def _orphan(scene: Scene, visit: Visit) -> str:
    """Return what was written of a row that leads to the one that is not there."""
    if not visit.opens or NOBODY not in [*_sent_keys(visit)]:
        return ""
    for change in visit.changes:
        model = all_models().of_table(change.table)
        for name, value in (change.after or {}).items() if model is not None else ():
            column = model.table.columns[name] if model is not None else None
            if value == NOBODY and column is not None and column.foreign_keys:
                return f"{change.table}.{name} = {value}"
    return ""


def _sent_keys(visit: Visit) -> Iterator[int]:
    yield from (int(one) for one in visit.request.path.split("/") if one.isdecimal())
    for payload in (visit.request.json, visit.request.form):
        yield from _numbers(payload)


def _numbers(held: Any) -> Iterator[int]:
    inner = held.values() if isinstance(held, Mapping) else held if isinstance(held, list) else ()
    for one in inner:
        yield from _numbers(one)
    if str(held).isdecimal():
        yield int(held)
