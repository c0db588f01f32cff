"""What is marked as deleted is in no list, and is not answered by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Table

from test_harness.factories.base import bound_session
from test_harness.walk.finding import Finding
from test_harness.walk.further import further
from test_harness.walk.listing import listing_of, said, singles
from test_harness.walk.models import Model, all_models, snake
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.recipe import Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import Seeing, seen_whole
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Row, Visit

FAMILY = "answers"
_DELETED = re.compile(
    r"(?i)^(is_)?(soft_?)?(deleted|removed|trashed)(_?(at|on))?$|^date_?deleted$|^deletion_?date$"
)
_SHOWS_DELETED = re.compile(r"(?i)trash|deleted|removed|archive|bin\b|history|audit")


def applies(operation: Operation) -> bool:
    """Tell whether it may be a list: what is read, and is not meant for what was deleted."""
    return operation.method == "GET" and not _SHOWS_DELETED.search(operation.path)


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make two rows like ours, mark one as deleted, and see which of them are shown."""
    listing = listing_of(scene)
    if _SHOWS_DELETED.search(" ".join(scene.recipe.query)):
        return []
    if found := (yield from _below_deleted(scene)):
        return found
    column = None if listing is None else _deleted_column(listing.model)
    if listing is None:
        return (yield from _counted(scene))
    if column is None:
        return []
    below = scene.recipe.tables_in_path
    rows = yield partial(
        further, scene.world, listing.model.kind, 2, below=below, rows=scene.recipe.rows
    )
    if not rows:
        return []
    yield partial(_delete, column, rows[-1])
    seeing = yield from seen_whole(scene, listing, rows)
    return [] if seeing is None else (yield from _deleted(seeing, column, rows[-1]))


def _below_deleted(scene: Scene) -> Steps[list[Finding]]:
    """Find what is answered below a row that is marked as deleted, and is not answered itself."""
    tables = scene.recipe.tables_in_path
    model = all_models().of_table(tables[-1]) if tables else None
    column = None if model is None else _deleted_column(model)
    if column is None or tables[-1] not in scene.world.ours or scene.operation.path.endswith("}"):
        return []
    rows = {**scene.recipe.rows, tables[-1]: {column.name: as_deleted(column)}}
    visit = yield from scene.ask(rows=rows)
    if not visit.opens or visit.text != scene.granted.text or not visit.text:
        return []
    if not (yield from _is_hidden(scene, tables[-1], rows)):
        return []
    return [
        scene.finding(
            "lists",
            f"{visit}, although the {column.name} of the row of {tables[-1]} says that it was "
            "deleted.",
            evidence=visit.text[:160],
            fix=f"Answer 404 below rows with {column.name}.",
        )
    ]


def _counted(scene: Scene) -> Steps[list[Finding]]:
    """Find numbers and exports that are others once there are rows that are marked as deleted."""
    if scene.recipe.principal == "anonymous" or scene.operation.path.endswith("}"):
        return []
    for model in all_models().all:
        column = _deleted_column(model)
        if column is None or model.kind is scene.world.ownership.users:
            continue
        if not any(model.table.name in one.sql for one in scene.granted.statements):
            continue
        if not (
            yield from _is_hidden(
                scene,
                model.table.fullname,
                {model.table.fullname: {column.name: as_deleted(column)}},
            )
        ):
            continue
        visits = yield Aside(_with_deleted(scene, model, column))
        if visits and visits[0].opens and visits[0].text != visits[1].text:
            return [
                scene.finding(
                    "lists",
                    f"{visits[0]}, and tells of rows of {model.table.fullname} whose {column.name} "
                    "says that they were deleted.",
                    evidence=f"{visits[0].text[:80]} with them, {visits[1].text[:80]} without",
                    fix=f"Have the query leave out rows with {column.name}.",
                )
            ]
    return []


def _with_deleted(scene: Scene, model: Model, column: Column[Any]) -> Steps[list[Visit]]:
    """Return the answer while there are further rows that are marked, and once they are gone."""
    below = scene.recipe.tables_in_path
    rows = yield partial(
        further, scene.world, model.kind, 2, moments=False, below=below, rows=scene.recipe.rows
    )
    for row in rows:
        yield partial(_delete, column, row)
    if not rows or not model.table.primary_key.columns:
        return []
    there = yield from scene.ask()
    again = yield from scene.ask()
    for row in rows:
        yield partial(_erase, model.table, row)
    gone = yield from scene.ask()
    return [there, gone] if there.text == again.text else []


def _is_hidden(scene: Scene, table: str, rows: Mapping[str, Mapping[str, Any]]) -> Steps[bool]:
    """Tell whether the route of a single row refuses ours in a state, which it answers else."""
    for single in singles(scene.book, table=table):
        if single.recipe.rows or _SHOWS_DELETED.search(single.operation.path):
            continue
        recipe = single.recipe.but(rows=rows)
        visit = yield from perform(single.operation, recipe, scene.world, scene.book)
        return visit.status in {404, 410}
    return False


def _deleted_column(model: Model) -> Column[Any] | None:
    return next((one for one in model.table.columns if says_deleted(one.name)), None)


def as_deleted(column: Column[Any]) -> Any:
    """Return what stands for a row that was deleted in a column, in a recipe.

    Args:
        column: Says that it was.
    """
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return 1
    is_day = isinstance(column.type, Date) and not isinstance(column.type, DateTime)
    return Symbol("days" if is_day else "moment", -1)


def says_deleted(column: str) -> bool:
    """Tell whether a column of this name says that a row was deleted."""
    return bool(_DELETED.search(column))


def _erase(table: Table, row: Row) -> None:
    erasing = table.delete()
    for key in table.primary_key.columns:
        erasing = erasing.where(key == row[key.name])
    bound_session().execute(erasing)


def _delete(column: Column[Any], row: Row) -> None:
    kind: Any = column.type
    value: Any = True
    if not isinstance(kind, Boolean):
        try:
            python = kind.python_type
        except NotImplementedError:
            python = datetime
        like = next((one for one in row.values() if isinstance(one, datetime)), None)
        now = datetime.now(like.tzinfo if like is not None else None).replace(microsecond=0)
        value = now - timedelta(days=1)
        if python is date:
            value = value.date()
        elif python is int:
            value = 1
    table: Any = column.table
    changing = table.update().values({column: value})
    for key in table.primary_key.columns:
        changing = changing.where(key == row[key.name])
    bound_session().execute(changing)


def _deleted(seeing: Seeing, column: Column[Any], row: Row) -> Steps[list[Finding]]:
    scene, listing = seeing.scene, seeing.listing
    said_so = f"{scene.operation.path} {' '.join(scene.recipe.query)}"
    if _SHOWS_DELETED.search(said_so) or not column.table.primary_key.columns:
        return []
    elements = listing.elements(seeing.whole)
    shown = [one for one in elements if listing.shows(one, row, seeing.column)]
    if shown and not _tells_of(shown[0], column):
        return [
            scene.finding(
                "lists",
                f"{seeing.whole}, and has a row whose {column.name} says that it was deleted.",
                evidence=f"{seeing.name_of(row)}: {said(shown[0])}",
                fix=f"Have the query leave out rows with {column.name}.",
            )
        ]
    counted = listing.total(seeing.whole)
    if (
        counted is not None
        and counted[1] == len(elements) + 1
        and scene.granted.opens
        and (listing.total(scene.granted) or ("", 0))[1] == len(listing.elements(scene.granted))
    ):
        return [
            scene.finding(
                "lists",
                f"{seeing.whole}, and its {counted[0]} counts a row whose {column.name} says that "
                "it was deleted.",
                evidence=f"{counted[0]} = {counted[1]}, and {len(elements)} rows",
                fix="Count the rows that the list is of, with the same conditions.",
            )
        ]
    table = listing.model.table.fullname
    for single in singles(scene.book, table=table):
        if single.recipe.rows:
            continue  # They would have it marked no more.
        world = replace(scene.world, ours={**scene.world.ours, table: row})
        visit: Visit = yield from perform(single.operation, single.recipe, world, scene.book)
        if (
            visit.opens
            and listing.shows(visit.json, row, seeing.column)
            and not _tells_of(visit.json, column)
        ):
            return [
                scene.finding(
                    "lists",
                    f"{visit}, although the {column.name} of the row says that it was deleted.",
                    evidence=seeing.name_of(row),
                    fix=f"Answer 404 for rows with {column.name}.",
                )
            ]
    return []


def _tells_of(element: Any, column: Column[Any]) -> bool:
    """Tell whether an answer says itself that a row was deleted: it is meant to show such."""
    return isinstance(element, Mapping) and any(_DELETED.search(snake(name)) for name in element)
