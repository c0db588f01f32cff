"""What was deleted is kept, marked, and shown nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Table

from test_harness.walk.finding import Finding
from test_harness.walk.listing import Listing, listing_of, said
from test_harness.walk.oracles.deleted import says_deleted
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.patterns.rows import change_of, said_row, stored, table_of
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Row, Visit

_FIX = "Have each query leave out what is marked as deleted."


def soft_deleted(asked: Asked, row: Any, listed: str) -> Steps[list[Finding]]:
    """Delete a row, and look for it everywhere.

    Args:
        asked: Its path.
        row: The row.
        listed: The path of a list that has it; empty for none.
    """
    table: Table = table_of(row)
    known: Row = yield partial(stored, row)
    reading = asked.operation_if_any("GET") is not None
    before = (yield from asked.send("GET")) if reading else None
    if before is not None and not before.opens:
        fix = "Give a client that may read the row, and the path of the row."
        return [asked.finding("deleted", before, " even before it was deleted.", fix=fix)]
    in_list = _InList(Asked(asked.who, listed), table, known) if listed else None
    if in_list is not None and (found := (yield from in_list.is_there())):
        return found
    deleted = yield from asked.send("DELETE", undone=False)
    if found := [*_not_marked(asked, deleted, table, known)]:
        return found
    for method in ("GET", "PATCH"):
        if asked.operation_if_any(method) is None:
            continue
        visit = yield from asked.send(method, json={} if method == "PATCH" else None)
        if visit.opens or visit.breaks:
            problem = f", although {said_row(table, known)} was deleted."
            return [asked.finding("deleted", visit, problem, fix=_FIX)]
    return [] if in_list is None else (yield from in_list.is_gone())


def _not_marked(asked: Asked, visit: Visit, table: Table, row: Row) -> Iterator[Finding]:
    name = said_row(table, row)
    if not visit.opens:
        fix = "Give a client that may delete the row."
        yield asked.finding("deleted", visit, f", so that {name} is not deleted.", fix=fix)
        return
    change = change_of(table, row, visit.changes)
    if change is None:
        problem = f", and {name} is as it was."
        yield asked.finding("deleted", visit, problem, fix="Commit what marks it as deleted.")
    elif change.after is None:
        yield asked.finding(
            "deleted",
            visit,
            ", and the row is not kept.",
            evidence=str(change),
            fix="Mark it as deleted instead.",
        )
    elif not any(
        says_deleted(column) and value != (change.before or {}).get(column)
        for column, value in change.after.items()
    ):
        yield asked.finding(
            "deleted",
            visit,
            ", and no column says that the row was deleted.",
            evidence=str(change),
            fix="Set a column such as deleted_at.",
        )


class _InList:
    """Looks for a row in a list.

    Args:
        asked: The path of the list.
        table: The table of the row.
        row: The row.
    """

    def __init__(self, asked: Asked, table: Table, row: Row) -> None:
        self._asked, self._table, self._row = asked, table, row
        self._listing: Listing | None = None
        self._column = ""
        self._before: Visit | None = None

    def is_there(self) -> Steps[list[Finding]]:
        """Return a finding if the list has not got it."""
        visit = self._before = yield from self._asked.send("GET")
        scene = self._asked.scene("GET", visit, {self._table.fullname: self._row})
        self._listing = listing_of(replace(scene, granted=visit))
        columns = self._listing.columns([self._row]) if self._listing else []
        self._column = next((it for it in columns if self._shown(visit, it)), "")
        if self._column:
            return []
        problem = f", and does not list {said_row(self._table, self._row)} before it is deleted."
        fix = "Name a list that has the row, on its first page."
        return [self._asked.finding("deleted", visit, problem, fix=fix)]

    def is_gone(self) -> Steps[list[Finding]]:
        """Return a finding if the list still has it, or counts it."""
        visit = yield from self._asked.send("GET")
        listing, before = self._listing, self._before
        assert listing is not None
        assert before is not None
        name = said_row(self._table, self._row)
        if not visit.opens:
            problem = f", after {name} was deleted."
            return [self._asked.finding("deleted", visit, problem, fix="Answer the rest.")]
        if shown := self._shown(visit, self._column):
            return [
                self._asked.finding(
                    "deleted",
                    visit,
                    f", and lists {name}, which was deleted.",
                    evidence=said(shown[0]),
                    fix=_FIX,
                )
            ]
        counted, was = listing.total(visit), listing.total(before)
        if counted and was and counted[1] >= was[1]:
            return [
                self._asked.finding(
                    "deleted",
                    visit,
                    f", and says {counted[0]} = {counted[1]}, as before {name} was deleted.",
                    evidence=f"{counted[0]} = {counted[1]}",
                    fix="Count the rows that the list is of, with the same conditions.",
                )
            ]
        return []

    def _shown(self, visit: Visit, column: str) -> list[Any]:
        listing = self._listing
        if listing is None:
            return []
        return [it for it in listing.elements(visit) if listing.shows(it, self._row, column)]
