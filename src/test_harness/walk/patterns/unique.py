"""What is taken is refused, and what is not is granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.oracles.untouched import touched
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Visit


def unique(
    asked: Asked, json: Mapping[str, Any], free: Mapping[str, Any], status: int, *, any_case: bool
) -> Steps[list[Finding]]:
    """Send a payload, the same again, and one that differs only in what is unique.

    Args:
        asked: The path that it is sent to.
        json: The payload.
        free: By the names of the fields that are unique together, other values.
        status: What is right for what is taken.
        any_case: Whether it is taken in capitals, too.
    """
    first = yield from asked.send("POST", json=json, undone=False)
    if not first.opens:
        fix = "Give a payload that is granted, and rows that it needs."
        return [asked.finding("unique", first, ", so that nothing is taken.", fix=fix)]
    fields = " and ".join(free)
    again = yield from asked.send("POST", json=json)
    if found := _not_refused(asked, again, fields, "the same", status):
        return found
    if any_case:
        capitals = {name: str(json[name]).swapcase() for name in free}
        cased = yield from asked.send("POST", json={**json, **capitals})
        if found := _not_refused(asked, cased, fields, "in another case the same", status):
            return found
    other = yield from asked.send("POST", json={**json, **free})
    if other.opens:
        return []
    return [
        asked.finding(
            "unique",
            other,
            f", although {fields} was another: it is refused for something else.",
            fix=f"Give {fields} a value that is free, and no other field one that is taken.",
        )
    ]


def _not_refused(asked: Asked, visit: Visit, fields: str, how: str, status: int) -> list[Finding]:
    if visit.status != status or visit.error:
        return [
            asked.finding(
                "unique",
                visit,
                f", not {status}, when {fields} was {how} as before.",
                evidence="; ".join(map(str, visit.changes[:3])),
                fix="Have the database refuse it (a unique constraint), and answer that.",
            )
        ]
    return touched(asked.scene("POST", visit), visit)
