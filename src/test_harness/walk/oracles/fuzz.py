"""Whatever the schemas of a route allow is answered, and with what they say."""

from __future__ import annotations

from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.generated import (
    known_to_schemathesis,
    made_for,
    takes_something,
    wrong_answer,
)
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps

FAMILY = "fuzz"


def applies(operation: Operation) -> bool:
    """Tell whether there is something to be made for it."""
    return takes_something(operation)


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send what is made by chance, with the path of the request that is granted."""
    operation = scene.operation
    encoding, known = operation.encoding, known_to_schemathesis(operation)
    for made in made_for(known, settings().fuzz.requests):
        payload = {} if made.payload is None else {encoding: made.payload}
        visit = yield from scene.ask(query={**scene.recipe.query, **made.query}, **payload)
        if visit.breaks:
            return [
                scene.finding(
                    "fuzz",
                    f"{operation} breaks on what its schema allows.",
                    evidence=f"{made} -> {visit.error or visit.text[:160]}",
                    fix="Say in the schema what may not be sent (a bound, a length, a format), or "
                    "refuse it with a status of its own.",
                )
            ]
        if said := wrong_answer(operation, known, visit):
            return [
                scene.finding(
                    "fuzz",
                    f"{operation} answers {visit.status} with what its schema does not allow.",
                    evidence=f"{made} -> {said}",
                    fix="Correct the schema of the answer, or what is answered.",
                )
            ]
    return []
