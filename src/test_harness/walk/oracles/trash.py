"""What was deleted is shown to, and brought back by, those only who had it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.deleted import as_deleted, says_deleted
from test_harness.walk.oracles.tenancy import shown_to, written_by
from test_harness.walk.privacy import is_private, theirs_in
from test_harness.walk.recipe import Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps

FAMILY = "access"
_OF_DELETED = re.compile(r"(?i)trash|deleted|removed|archive|bin\b|restor|recover|undelet|undo")
# Each is a request or two.
MOST = 2


def applies(operation: Operation) -> bool:
    """Tell whether it is about what was deleted."""
    return bool(_OF_DELETED.search(operation.path))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Mark our row as deleted, and ask as a stranger for it."""
    if scene.recipe.principal != "owner" or "stranger" not in scene.world.principals:
        return []
    for table, marked in [*_marked(scene)][:MOST]:
        rows = {**scene.recipe.rows, table: {**scene.recipe.rows.get(table, {}), **marked}}
        anonymous = yield from scene.ask(principal="anonymous", rows=rows)
        if anonymous.opens:
            return []
        path = {
            name: one
            if isinstance(one, Symbol) and one.of.startswith(f"{table}.")
            else theirs_in(one, scene)
            for name, one in scene.recipe.path.items()
        }
        visit = yield from scene.ask(principal="stranger", path=path, rows=rows)
        found = [*written_by(scene, visit)]
        is_one_sides = bool(scene.world.ownership.tenants) or (yield from is_private(scene, table))
        if not found and is_one_sides:
            found += shown_to(scene, visit, scene.world.ours, scene.world.theirs)
        if found:
            return found[:1]
    return []


def _marked(scene: Scene) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables of which rows are marked as deleted, the one that is spoken of first."""
    segments = [it for it in scene.operation.path.split("/") if it and "{" not in it]
    called = [one.table.fullname for it in segments if (one := all_models().called(it))]
    tables = [*scene.recipe.tables_in_path, *called]
    for table in dict.fromkeys(reversed(tables)):
        model = all_models().of_table(table)
        for column in (
            model.table.columns if model is not None and table in scene.world.ours else ()
        ):
            if says_deleted(column.name):
                yield table, {column.name: as_deleted(column)}
