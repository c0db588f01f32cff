"""What was taken out by moderation is in no list, in no answer beside it, and in no count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Enum

from test_harness.walk.finding import Finding
from test_harness.walk.further import further
from test_harness.walk.listing import elements_at, places_of, total_in
from test_harness.walk.models import Model, all_models, snake
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.preparing import set_column
from test_harness.walk.recipe import now_plus, plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.touched import read_tables
from test_harness.walk.visit import Row, Visit

FAMILY = "answers"
# Other routes that are asked, each three times.
MOST = 4
_TAKEN_OUT = re.compile(
    r"^(is_|was_)?(hidden|blocked|banned|rejected|spam|suppressed|moderated|taken_down)(_(at|on))?$"
)
_LET_IN = re.compile(r"^(is_|was_)?(approved|visible|accepted|moderated_ok)$")
_STATE = re.compile(r"(^|_)(status|state|moderation)$")
_OUT = ("hidden", "rejected", "spam", "blocked", "suppressed", "taken_down")
_IN = ("visible", "approved", "published", "active", "accepted", "shown")
# Who looks after rows, or whose they are, may see them whatever was made of them.
_MEANT = re.compile(
    r"(?i)(^|/)(me|my|mine|own|account|profile|dashboard|admin|staff|moderat\w*|review(er\w*|ing)?"
    r"|reports?|queue|pending|flag\w*|hidden|spam|blocked|trash|history|audit|stats|statistics"
    r"|exports?)(/|$)"
)


def applies(operation: Operation) -> bool:
    """Tell whether it is read, and not by those who look after rows."""
    return operation.method == "GET" and not _MEANT.search(operation.path)


@dataclass(frozen=True)
class _Mark:
    """A column that says that a row was taken out.

    Args:
        model: The class of the row.
        column: The column.
        out: What says so.
        let_in: What says that it was not.
    """

    model: Model
    column: Column[Any]
    out: Any
    let_in: Any


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make a further row, take it out, and see whether that is seen here, and elsewhere."""
    if not scene.granted.opens or scene.recipe.principal not in {"owner", "anonymous"}:
        return []
    marks = [*_marks(scene)]
    asking = (yield from _asking(scene)) if marks else []
    for mark in marks:
        for who in asking:
            seen: _Seen | None = yield Aside(_asked(scene, scene.operation, mark, who))
            if seen is None or not seen.out.opens:
                continue
            if found := (yield from _of_one(scene, mark, seen, who)):
                return [found]
            break
    return []


def _asking(scene: Scene) -> Steps[list[str]]:
    """Return who asks, the first of whom sees a row: whose it is may see it in any state."""
    anonymous = yield from scene.asked_as("anonymous")
    if anonymous.opens:
        return ["anonymous"]
    if scene.world.ownership.tenants or "stranger" not in scene.world.principals:
        return [scene.recipe.principal]
    stranger = yield from scene.asked_as("stranger")
    return ["stranger", "owner"] if stranger.opens else ["owner"]


def _of_one(scene: Scene, mark: _Mark, seen: _Seen, who: str) -> Steps[Finding | None]:
    """Return what is wrong with what somebody was answered."""
    if counted := _still_counted(scene, seen, mark):
        return counted
    is_own = who == "owner" and "stranger" in scene.world.principals
    if is_own and not scene.world.ownership.tenants:
        return None
    if seen.out.text != seen.there.text or _tells(seen.out, mark.column):
        return None
    other = yield from _elsewhere(scene, mark, who)
    table, name = mark.model.table.fullname, mark.column.name
    problem = (
        f"{seen.out}, and has a row of {table} in it whose {name} is {plain(mark.out)!r}, which "
        f"{other} leaves out."
    )
    fix = f"Have the query leave out rows by their {name}, and count none of them."
    return scene.finding("lists", problem, evidence=seen.out.text[:160], fix=fix) if other else None


def _marks(scene: Scene) -> Iterator[_Mark]:
    """Yield what may have been taken out of an answer."""
    last = scene.recipe.tables_in_path[-1:] if scene.operation.path.endswith("}") else []
    read = read_tables(scene.granted.statements)
    for model in all_models().all:
        table = model.table.fullname
        if model.table in read and [table] != last and table in scene.world.ours:
            yield from (one for column in model.table.columns for one in _mark(model, column))


def _mark(model: Model, column: Column[Any]) -> Iterator[_Mark]:
    name = column.name
    if isinstance(column.type, Boolean) and _TAKEN_OUT.search(name):
        yield _Mark(model, column, out=True, let_in=False)
    elif isinstance(column.type, Boolean) and _LET_IN.search(name):
        yield _Mark(model, column, out=False, let_in=True)
    elif isinstance(column.type, DateTime) and _TAKEN_OUT.search(name) and column.nullable:
        moment = now_plus(-1)
        zoned = column.type.timezone
        yield _Mark(model, column, moment if zoned else moment.replace(tzinfo=None), None)
    elif _STATE.search(name) and isinstance(column.type, Enum):
        states = [*(column.type.enum_class or column.type.enums)]
        said = {str(getattr(one, "value", one)).lower(): one for one in states}
        out = next((said[one] for one in _OUT if one in said), None)
        let_in = next((said[one] for one in _IN if one in said), None)
        if out is not None and let_in is not None:
            yield _Mark(model, column, out, let_in)


def _elsewhere(scene: Scene, mark: _Mark, who: str) -> Steps[str]:
    """Return another route that has a row, and has it no more once it was taken out."""
    asked = 0
    for name, recipe in scene.book.recipes.items():
        operation = scene.book.operations.get(name)
        if operation is None or operation.method != "GET" or recipe.skip or asked >= MOST:
            continue
        last = operation.path.rstrip("/").rpartition("/")[2]
        is_of_rows = all_models().called(last) is mark.model and not _MEANT.search(operation.path)
        if operation == scene.operation or not is_of_rows:
            continue
        asked += 1
        seen: _Seen | None = yield Aside(_asked(scene, operation, mark, who))
        if seen is not None and seen.out.opens and seen.out.text == seen.before.text:
            return name
    return ""


@dataclass(frozen=True)
class _Seen:
    """What is answered without a further row, with it, and once it was taken out."""

    before: Visit
    there: Visit
    out: Visit


def _still_counted(scene: Scene, seen: _Seen, mark: _Mark) -> Finding | None:
    """Return what is wrong with a total that counts what the list itself has no more."""
    totals = [total_in(one, ()) for one in (seen.before, seen.there, seen.out)]
    rows = [_rows(one) for one in (seen.before, seen.there, seen.out)]
    if not (rows[0] == rows[2] < rows[1] and totals[2] and totals[0] != totals[1] == totals[2]):
        return None
    name, number = totals[2]
    said = f"{mark.column.name} is {plain(mark.out)!r}"
    return scene.finding(
        "lists",
        f"{seen.out}, and its {name} counts a row of {mark.model.table.fullname} whose {said}.",
        evidence=f"{name} = {number}, and {rows[2]} rows",
        fix="Count the rows that the list is of, with the same conditions.",
    )


def _rows(visit: Visit) -> int:
    return sum(len(elements_at(visit, place)) for place in places_of(visit))


def _asked(scene: Scene, operation: Operation, mark: _Mark, who: str) -> Steps[_Seen | None]:
    """Return what is answered as somebody; None where a further row makes no difference."""
    recipe = scene.book.recipes.get(str(operation), scene.recipe).asked_as(who)

    def ask() -> Steps[Visit]:
        return (yield from perform(operation, recipe, scene.world, scene.book))

    before = yield from ask()
    if (yield from ask()).text != before.text:
        return None  # It is another answer each time.
    rows: list[Row] = yield partial(
        further,
        scene.world,
        mark.model.kind,
        1,
        moments=False,
        below=recipe.tables_in_path,
        rows=recipe.rows,
    )
    if not rows or not (yield partial(set_column, mark.column, rows, [mark.let_in])):
        return None
    there = yield from ask()
    if there.text == before.text:
        return None
    if not (yield partial(set_column, mark.column, rows, [mark.out])):
        return None
    return _Seen(before, there, (yield from ask()))


def _tells(visit: Visit, column: Column[Any]) -> bool:
    """Tell whether an answer says itself what was made of its rows: it is meant to show them."""
    return bool(re.search(rf'"(\w+_)?{re.escape(column.name)}"', _snake_keys(visit.text)))


def _snake_keys(text: str) -> str:
    """Return a text in which names of JSON are written with underscores."""
    return re.sub(r'"(\w+)":', lambda it: f'"{snake(it[1])}":', text)
