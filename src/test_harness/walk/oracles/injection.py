"""Input is data: it reaches the database as a parameter only, and a page as text only."""

from __future__ import annotations

from collections.abc import Iterator

from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.texts import NOTHING, places_of
from test_harness.walk.visit import Visit

FAMILY = "input"
PAYLOAD = "wk7'\"<wk7>é%{"
MARK, TAG = "wk7'", "<wk7>"


def applies(operation: Operation) -> bool:
    """Tell whether it takes a text."""
    return bool(operation.parameters) or operation.body is not None


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send a text with quotes and a tag in each place that takes one."""
    found: list[Finding] = []
    plain = dict(places_of(scene, NOTHING))
    for place, changed in places_of(scene, PAYLOAD):
        visit = yield from scene.ask(**changed)
        said = [*_findings(scene, visit, place)]
        if visit.breaks and not _is_in_sql(visit) and place in plain:
            # What breaks with any text breaks not because of what is special in this one.
            usual = yield from scene.ask(**plain[place])
            said = [] if usual.breaks else said
        found += said
        if found:
            break
    return found[:1]


def _findings(scene: Scene, visit: Visit, place: str) -> Iterator[Finding]:
    for statement in visit.statements:
        if MARK in statement.sql:
            yield scene.finding(
                "injection",
                f"{place} of {scene.operation} becomes part of a statement.",
                evidence=str(statement),
                fix='Pass it as a bound parameter: `text("... :name")` with a value, or a column.',
            )
            return
    if visit.breaks:
        yield scene.finding(
            "injection",
            f"{visit} when {place} was {PAYLOAD!r}.",
            evidence=visit.error or visit.text[:160],
            fix="Refuse what is no valid value, or escape it where it is used.",
        )
    elif TAG in visit.text and "html" in str(visit.headers.get("content-type", "")):
        yield scene.finding(
            "injection",
            f"{visit}, and {place} stands in the page as markup.",
            evidence=TAG,
            fix="Escape it: leave autoescape on, and mark no input as safe.",
        )


def _is_in_sql(visit: Visit) -> bool:
    return any(MARK in statement.sql for statement in visit.statements)
