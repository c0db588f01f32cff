"""What was made for one who asks is kept for nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import inspect

from test_harness.walk.evidence import comparisons
from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Row, Visit

FAMILY = "access"


def applies(operation: Operation) -> bool:
    """Tell whether it is read, of nothing in particular."""
    return operation.method == "GET" and not operation.parameters_in("path")


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as the owner, and then as a stranger, who never asked before."""
    if scene.recipe.principal != "owner" or "stranger" not in scene.world.principals:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    visit = yield from scene.asked_as("stranger")
    if anonymous.opens or not visit.opens or visit.text != scene.granted.text or not visit.text:
        return []
    own = {*_asked_of(scene, scene.granted, scene.world.ours)}
    missing = own - {*_asked_of(scene, visit, scene.world.theirs)}
    for table, column in sorted(missing):
        return [
            scene.finding(
                "identity",
                f"{visit}, word for word as the owner was before, and asks the database nothing "
                "of its own.",
                evidence=f"{table}.{column} was compared with the owner's key, and with no other",
                fix="Make who asks a part of the key of the cache.",
            )
        ]
    return []


def _asked_of(scene: Scene, visit: Visit, side: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    """Yield the columns that were compared with the key of a user, or of a tenant."""
    ownership = scene.world.ownership
    owning = {
        inspect(one).local_table.fullname
        for one in (ownership.users, *ownership.tenants)
        if one is not None
    }
    for table, name, value in comparisons(visit):
        model = all_models().of_table(table)
        column = None if model is None else model.table.columns.get(name)
        for key in () if column is None else column.foreign_keys:
            target = key.column
            row = side.get(target.table.fullname, {})
            if target.table.fullname in owning and row.get(target.name) == value:
                yield table, name
