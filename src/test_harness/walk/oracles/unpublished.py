"""What is not published yet, or not any more, is shown to nobody but those whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Enum, String

from test_harness.errors import HarnessError
from test_harness.walk.finding import Finding
from test_harness.walk.listing import listing_of
from test_harness.walk.models import Model, all_models
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.recipe import Recipe, Symbol, plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Visit

FAMILY = "answers"
# Other routes that are asked, each twice.
MOST = 5
_SHOWN = re.compile(r"^(is_)?(published|public|visible|listed|live)$")
_HIDDEN = re.compile(r"^(is_)?(draft|private|hidden|unlisted)$")
_SINCE = re.compile(r"^(published|publish|released?)_(at|on|date)$")
_STATE = re.compile(r"(^|_)(status|state|visibility)$")
_DRAFTS = ("draft", "private", "unpublished", "hidden", "internal")
_PUBLIC = ("published", "public", "visible", "live")


def applies(operation: Operation) -> bool:
    """Tell whether it may show a row: whatever is read may."""
    return operation.method == "GET"


def look(scene: Scene) -> Steps[list[Finding]]:
    """Have our row be a draft, and ask as who may only see what is published."""
    model = _model(scene)
    table = "" if model is None else model.table.fullname
    anonymous = yield from scene.asked_as("anonymous")
    if model is None or table not in scene.world.ours or not anonymous.opens:
        return []
    for column, hidden, shown in _marks(scene, model):
        rows = {**scene.recipe.rows.get(table, {}), column.name: hidden}
        visit = yield from _seen(scene, str(scene.operation), scene.recipe, table, rows)
        if visit is None or not _shows(scene, visit, table):
            continue
        other = "" if column.name in scene.recipe.rows.get(table, {}) else None
        if other is None:
            other = yield from _hides(scene, table, {column.name: hidden}, {column.name: shown})
        if other is not None:
            return [
                scene.finding(
                    "lists",
                    f"{visit}, and shows a row whose {column.name} is {plain(hidden)!r}"
                    f"{other and f', which {other} keeps to itself'}.",
                    evidence=f"{table}: {shown_in(visit, scene.world.ours[table], {})}",
                    fix=f"Have the query leave out rows by their {column.name}.",
                )
            ]
    return []


def _model(scene: Scene) -> Model | None:
    """Return the class of what is listed, or of the row that the path names."""
    tables = scene.recipe.tables_in_path
    if tables and scene.operation.path.endswith("}"):
        return all_models().of_table(tables[-1])
    listing = listing_of(scene)
    return None if listing is None else listing.model


def _marks(scene: Scene, model: Model) -> Iterator[tuple[Column[Any], Any, Any]]:
    """Yield the columns that say whether a row is published, with what says no, and yes."""
    for column in model.table.columns:
        name = column.name
        if isinstance(column.type, Boolean) and (_SHOWN.search(name) or _HIDDEN.search(name)):
            yield column, bool(_HIDDEN.search(name)), bool(_SHOWN.search(name))
        elif isinstance(column.type, DateTime) and _SINCE.search(name) and column.nullable:
            yield column, None, Symbol("moment", -1)
        elif _STATE.search(name) and isinstance(column.type, (Enum, String)):
            states = [*_states(scene, column)]
            hidden = next((it for it in states if str(it).lower() in _DRAFTS), None)
            shown = next((it for it in states if str(it).lower() in _PUBLIC), None)
            if hidden is not None and shown is not None:
                yield column, hidden, shown


def _states(scene: Scene, column: Column[Any]) -> Iterator[Any]:
    """Yield the states that are known: of the type, of our row, and of what routes needed."""
    table: Any = column.table
    if isinstance(column.type, Enum):
        yield from (plain(one) for one in column.type.enum_class or column.type.enums)
        return
    yield plain(scene.world.ours[table.fullname].get(column.name))
    for recipe in scene.book.recipes.values():
        if column.name in recipe.rows.get(table.fullname, {}):
            yield recipe.rows[table.fullname][column.name]


def _hides(
    scene: Scene, table: str, hidden: Mapping[str, Any], shown: Mapping[str, Any]
) -> Steps[str | None]:
    """Return another route that shows a row that is published, and no other; None without one."""
    asked = 0
    for name, recipe in scene.book.recipes.items():
        operation = scene.book.operations.get(name)
        if operation is None or operation.method != "GET" or recipe.skip or asked >= MOST:
            continue
        if name == str(scene.operation) or not _speaks_of(operation, recipe, table):
            continue
        asked += 1
        given = recipe.rows.get(table, {})
        there = yield from _seen(scene, name, recipe, table, {**given, **shown})
        if there is None or not _shows(scene, there, table):
            continue
        gone = yield from _seen(scene, name, recipe, table, {**given, **hidden})
        if gone is not None and not _shows(scene, gone, table):
            return name
    return None


def _speaks_of(operation: Operation, recipe: Recipe, table: str) -> bool:
    called = all_models().called(operation.path.rstrip("/").rpartition("/")[2])
    is_named = called is not None and called.table.fullname == table
    return is_named or table in recipe.tables_in_path


def _seen(
    scene: Scene, name: str, recipe: Recipe, table: str, given: Mapping[str, Any]
) -> Steps[Visit | None]:
    """Ask as nobody with our row in a state; None where it takes no such state."""
    asked = recipe.asked_as("anonymous").but(rows={**recipe.rows, table: given})
    try:
        operation = scene.book.operations[name]
        visit: Visit = yield from perform(operation, asked, scene.world, scene.book)
    except HarnessError:
        return None
    return visit


def _shows(scene: Scene, visit: Visit, table: str) -> bool:
    ours, theirs = scene.world.ours, scene.world.theirs
    if not visit.opens:
        return False
    # What the request says itself is no sign in a list, but is one of a single row.
    last = visit.request.path.rpartition("/")[2]
    named = last in {str(value) for value in ours[table].values()}
    return bool(shown_in(visit, ours[table], theirs)) or named
