"""What a token opens is open until the token ends."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Column, Date, DateTime

from test_harness.errors import HarnessError
from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import Symbol, symbols_in
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps

FAMILY = "access"
_TOKEN = re.compile(r"(^|_)(token|code|secret|hash|key)$")
_ENDS = re.compile(r"^(expir\w*|valid_(until|to)|ends?)(_?(at|on))?$")


def applies(operation: Operation) -> bool:
    """Tell whether its path names something."""
    return bool(operation.parameters_in("path"))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask once the row of the token has ended yesterday."""
    named = [one for one in symbols_in(scene.recipe.path) if one.kind == "row"]
    for one in named[-1:] if scene.granted.opens else ():
        table, _, column = one.of.rpartition(".")
        model = all_models().of_table(table)
        ends = None if model is None else next(filter(_is_end, model.table.columns), None)
        if ends is None or not _TOKEN.search(column):
            continue
        day = Symbol("moment" if isinstance(ends.type, DateTime) else "days", -1)
        rows = {**scene.recipe.rows, table: {**scene.recipe.rows.get(table, {}), ends.name: day}}
        try:
            visit = yield from scene.ask(rows=rows)
        except HarnessError:
            continue  # The database takes no such row.
        if visit.opens and visit.text == scene.granted.text:
            problem = f"{visit}, although {table}.{ends.name} says that it ended yesterday."
            fix = f"Have the query leave out rows whose {ends.name} is over, and answer 404."
            evidence = f"{table}.{column} is what opens it"
            return [scene.finding("ends", problem, evidence=evidence, fix=fix)]
    return []


def _is_end(column: Column[Any]) -> bool:
    return bool(_ENDS.search(column.name)) and isinstance(column.type, (Date, DateTime))
