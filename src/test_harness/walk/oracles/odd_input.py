"""What anybody may send, and nothing is there for, is answered, and breaks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation, Schema
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
    """Send the key of no row, an empty payload, texts that nobody knows, and nothing."""
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
    return (int(one) for one in visit.request.path.split("/") if one.isdecimal())
