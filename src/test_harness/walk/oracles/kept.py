"""What a change does not speak of stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Integer, Numeric, String

from test_harness.errors import HarnessError
from test_harness.walk.finding import Finding
from test_harness.walk.models import Model, all_models, snake
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.stored import key_of
from test_harness.walk.visit import Change

FAMILY = "answers"
# Which of these is changed may well decide what else there is.
_DECIDES = re.compile(r"(^|_)(status|state|type|kind|mode|stage|phase|method)$|^is_|^has_|password")
_NUMBER = 71


def applies(operation: Operation) -> bool:
    """Tell whether it changes a part of a row."""
    return operation.method == "PATCH" and operation.encoding in {"json", "form"}


def look(scene: Scene) -> Steps[list[Finding]]:
    """Have all columns hold something, and send one field alone."""
    key = "json" if isinstance(scene.recipe.json, Mapping) else "form"
    payload, properties = getattr(scene.recipe, key), (scene.operation.body or {}).get("properties")
    change = next((it for it in scene.granted.changes if _is_ours(scene, it)), None)
    model = all_models().of_table(change.table) if change is not None else None
    if change is None or model is None or not isinstance(payload, Mapping) or not properties:
        return []
    table = model.table.fullname
    for field in [*_alone(model, payload)][:2]:
        given = dict(_filled(model, [it for it in properties if it != field], change))
        rows = {**scene.recipe.rows, table: {**scene.recipe.rows.get(table, {}), **given}}
        try:
            visit = yield from scene.ask(rows=rows, **{key: {field: payload[field]}})
        except HarnessError:
            continue  # The database takes no such row.
        if not visit.opens:
            continue
        for one in visit.changes:
            if not _is_ours(scene, one):
                continue
            lost = [name for name in given if (one.after or {}).get(name) in (None, "", 0, False)]
            if lost and (one.before or {}).get(lost[0]) != (one.after or {}).get(lost[0]):
                return [
                    scene.finding(
                        "partial",
                        f"{visit} with {field!r} alone, and {lost[0]} is not what it was.",
                        evidence=str(one),
                        fix="Write only the fields that were sent: `exclude_unset=True`.",
                    )
                ]
    return []


def _is_ours(scene: Scene, change: Change) -> bool:
    """Tell whether a row of ours was changed."""
    model, row = all_models().of_table(change.table), scene.world.ours.get(change.table)
    known = model is not None and row is not None and change.before is not None
    return known and change.after is not None and _key(model, row) == tuple(change.key)


def _key(model: Model | None, row: Any) -> tuple[Any, ...]:
    return () if model is None else key_of(model.table, row)


def _alone(model: Model, payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that change nothing but their own column."""
    for name, value in payload.items():
        column = model.column(name)
        is_plain = isinstance(value, (str, int)) and not isinstance(value, bool)
        if column is None or column.foreign_keys or not is_plain or isinstance(column.type, Enum):
            continue
        if not _DECIDES.search(snake(name)):
            yield name


def _filled(model: Model, names: list[str], change: Change) -> Iterator[tuple[str, Any]]:
    """Yield the columns of other fields, with something that nobody writes by chance."""
    for name in names:
        column = model.column(name)
        if column is None or column.foreign_keys or column.primary_key or not _may_hold(column):
            continue
        held = plain((change.before or {}).get(column.name))
        if isinstance(column.type, Boolean):
            yield column.name, True
        elif held in (None, "", 0) and not isinstance(column.type, Boolean):
            is_text = isinstance(column.type, String)
            yield column.name, "wk kept"[: _length(column)] if is_text else _NUMBER
        else:
            yield column.name, held


def _may_hold(column: Column[Any]) -> bool:
    is_known = isinstance(column.type, (String, Integer, Numeric, Boolean))
    return is_known and not isinstance(column.type, Enum)


def _length(column: Column[Any]) -> int:
    return getattr(column.type, "length", None) or 9
