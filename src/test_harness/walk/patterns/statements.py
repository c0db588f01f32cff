"""A list asks the database as often for ten rows as for one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.listing import at_once, elements_at, places_of
from test_harness.walk.oracles.budget import asked as statements_of
from test_harness.walk.oracles.budget import growing
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.patterns.rows import made, table_of_source
from test_harness.walk.steps import Steps

MANY = 10


def statements(asked: Asked, source: Any, values: Mapping[str, Any]) -> Steps[list[Finding]]:
    """Make one row and read the list, make more and read it again.

    Args:
        asked: The path of the list.
        source: A factory, or a mapped class, of what makes the list longer.
        values: What the factory is given for that.
    """
    table = table_of_source(source)
    yield partial(made, source, values, 1)
    one = yield from asked.send("GET")
    scene = asked.scene("GET", one)
    if whole := at_once(scene.operation):
        one = yield from scene.ask(query={**scene.recipe.query, **whole})
    yield partial(made, source, values, MANY - 1)
    many = yield from scene.ask(query=one.request.query)
    places = places_of(many)
    rows = [[len(elements_at(visit, place)) for visit in (one, many)] for place in places]
    grown = max(rows, key=lambda it: it[1] - it[0], default=[0, 0])
    more = grown[1] - grown[0]
    if more < MANY - 1:
        return [
            asked.finding(
                "budget",
                many,
                f", and lists {more} more than before {MANY - 1} rows of {table.fullname} were "
                "made.",
                fix="Give the factory what makes them rows of this list, or have it list them all.",
            )
        ]
    if statements_of(many) <= statements_of(one):
        return []
    return [growing(scene, (one, many), grown)]
