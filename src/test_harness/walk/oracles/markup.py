"""What rows say stands in a page as text, and never as markup."""

from __future__ import annotations

import html

from sqlalchemy import String, inspect

from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import SHORTEST
from test_harness.walk.visit import Visit

FAMILY = "input"
TAG = "<wk7>"


def applies(operation: Operation) -> bool:
    """Tell whether it may answer with a page."""
    return operation.method == "GET"


def look(scene: Scene) -> Steps[list[Finding]]:
    """Give our rows that the page shows a tag in their texts, and look at the page again."""
    if "html" not in str(scene.granted.headers.get("content-type", "")):
        return []
    columns = [
        (table, name)
        for table, row in scene.world.ours.items()
        for name, value in row.items()
        if type(value) is str and len(value) >= SHORTEST and _takes_a_tag(scene, table, name)
        if value in scene.granted.text or html.escape(value) in scene.granted.text
    ]
    for table, name in columns:
        rows = {**scene.recipe.rows, table: {**scene.recipe.rows.get(table, {}), name: TAG}}
        visit = yield from scene.ask(rows=rows)
        if visit.opens and TAG in visit.text:
            return [_finding(scene, visit, f"{table}.{name}")]
    return (yield from _unseen(scene, {*columns}))


def _unseen(scene: Scene, seen: set[tuple[str, str]]) -> Steps[list[Finding]]:
    """Give the row that the page is of a tag in all texts that were not to be seen."""
    for table in scene.recipe.tables_in_path[-1:]:
        row = scene.world.ours.get(table, {})
        texts = [it for it, one in row.items() if one in {None, ""} and (table, it) not in seen]
        tagged = {it: TAG for it in texts if _takes_a_tag(scene, table, it)}
        if not tagged:
            continue
        visit = yield from scene.ask(rows={**scene.recipe.rows, table: tagged})
        if visit.opens and TAG in visit.text:
            names = " or ".join(f"{table}.{it}" for it in tagged)
            return [_finding(scene, visit, names)]
    return []


def _finding(scene: Scene, visit: Visit, names: str) -> Finding:
    return scene.finding(
        "injection",
        f"{visit}, and {names} stands in the page as markup.",
        evidence=TAG,
        fix="Escape it: leave autoescape on, and mark nothing that people write as safe.",
    )


def _takes_a_tag(scene: Scene, table: str, name: str) -> bool:
    """Tell whether people write what a column has: any text, and no key."""
    for model in scene.world.ownership.links:
        found = inspect(model).local_table
        if found.fullname == table:
            column = found.columns[name]
            is_text = isinstance(column.type, String) and type(column.type).__name__ != "Enum"
            is_long = getattr(column.type, "length", None) is None or column.type.length >= len(TAG)
            return is_text and is_long and not column.primary_key and not column.foreign_keys
    return False
