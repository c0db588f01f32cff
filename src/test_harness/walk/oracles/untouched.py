"""Refused means untouched: after an answer that refuses, no row is other than before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.odd_input import NOBODY
from test_harness.walk.places import get, put, rows_within
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Change, Visit

FAMILY = "access"
# Each is a request or two.
MOST = 3
# What is written of who was refused is meant to stay: counters, logs, what was seen last.
_KEPT_TABLES = re.compile(
    r"(?i)audit|log(in)?s?\b|_logs?$|attempt|event|histor|session|rate|throttl|lockout|blocked|failed|token|otp|captcha"
)
_KEPT_COLUMNS = re.compile(
    r"(?i)^last_|_seen|fail|attempt|lock|count|version"
    r"|(updat|modif|chang|access|us|check|log(ged)?_?in|refresh|synchroni[sz]|sync|tr(i|y))(ed)?_?(at|on)$"
)


def applies(operation: Operation) -> bool:
    """Tell whether it may change something: what is read may count who reads it."""
    return True


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as each principal, and as who may for what is not to be had: nothing is changed then.

    Not to be had is what has no body, what names a row that is not there, and what was done before.
    """
    found: list[Finding] = []
    visits = yield from scene.asked_by_all()
    for who, visit in visits.items():
        if who != scene.recipe.principal:
            found += touched(scene, visit)
    for changed in () if found or not scene.operation.writes else _in_vain(scene):
        found += touched(scene, (yield from scene.ask(**changed)))
    return found[:1]


def _in_vain(scene: Scene) -> Iterator[dict[str, Any]]:
    """Yield what is otherwise in requests that are refused to who may."""
    recipe, name = scene.recipe, str(scene.operation)
    if recipe.json is not None:
        yield {"json": {}}
    for key in ("json", "form"):
        payload = getattr(recipe, key)
        for place, _ in [*rows_within(payload)][:MOST]:
            there = get(payload, place[:-1])
            if isinstance(there, list):
                # Beside one that is there, which may be done by then.
                yield {key: put(payload, place[:-1], [*there, NOBODY])}
            yield {key: put(payload, place, NOBODY)}
    if scene.operation.path.endswith("}") or name not in scene.book.recipes or recipe.after:
        return
    if scene.operation.parameters_in("path"):
        yield {"after": (name,)}


def touched(scene: Scene, visit: Visit) -> list[Finding]:
    """Return what a request has changed that was refused.

    Args:
        scene: The operation.
        visit: The request and what came of it.
    """
    changes = [change for change in visit.changes if not _is_meant(change)]
    if not visit.refuses or not changes:
        return []
    return [
        scene.finding(
            "untouched",
            f"{visit}, and yet a row is not as it was.",
            evidence="; ".join(map(str, changes[:3])),
            fix="Ask whether it may be done before anything is written, or roll back.",
        )
    ]


def _is_meant(change: Change) -> bool:
    if _KEPT_TABLES.search(change.table):
        return True
    if change.before is None or change.after is None:
        return False
    changed = [name for name in change.after if change.after[name] != change.before.get(name)]
    return all(_KEPT_COLUMNS.search(name) for name in changed)
