"""Pages together are the rows, each once, and a page that is none breaks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from test_harness.application.tracebacks import told
from test_harness.walk.finding import Finding
from test_harness.walk.further import further, give_children
from test_harness.walk.listing import (
    Paging,
    first_page,
    listing_of,
    next_cursor,
    paging_of,
    promised,
    said,
)
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.seeing import Seeing, seen_whole
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Row, Visit

FAMILY = "answers"
# With ours there are three pages of two, and the last one is not full.
ROWS = 4
# One of them has so many of each kind that belongs to it.
CHILDREN = 3
# A list of more has rows from elsewhere, which take too many requests.
MOST_PAGES = 15
_FIX = "Order by something unique, and skip as many rows as the pages before have."
_BAD = ("0", "-1", str(10**9), "x")


def applies(operation: Operation) -> bool:
    """Tell whether pages of it can be asked for."""
    return operation.method == "GET" and paging_of(operation) is not None


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make further rows, and read the list at once and page by page."""
    listing, paging = listing_of(scene), paging_of(scene.operation)
    if (total := promised(scene.granted)) and paging and paging.step.name not in scene.recipe.query:
        return [
            scene.finding(
                "lists",
                f"{scene.granted}, and says {total[0]} = {total[1]} although the first page has no "
                "row.",
                evidence=scene.granted.text[:160],
                fix=_FIX,
            )
        ]
    if listing is None:
        return []
    found = (yield from bad_pages(scene, paging)) if paging is not None else []
    below = scene.recipe.tables_in_path
    rows = yield partial(
        further, scene.world, listing.model.kind, ROWS, below=below, rows=scene.recipe.rows
    )
    if found or not rows:
        return found
    yield partial(give_children, scene.world, listing.model.kind, rows[0], CHILDREN)
    seeing = yield from seen_whole(scene, listing, rows)
    if seeing is None:
        return []
    found = [*_doubled(seeing, rows[0])]
    return found or ((yield from whole_in_pages(seeing, paging)) if paging is not None else [])


def _doubled(seeing: Seeing, row: Row) -> Iterator[Finding]:
    """Yield what is wrong with a list that has a row as often as that has rows of its own."""
    times = seeing.times(row, seeing.listing.elements(seeing.whole))
    if times == CHILDREN:
        yield seeing.scene.finding(
            "lists",
            f"{seeing.whole}, and has a row {times} times.",
            evidence=f"{seeing.name_of(row)}, of which other tables have {CHILDREN} rows each",
            fix="Leave out the join, or ask for each row once: `distinct()`, or `exists()`.",
        )


def bad_pages(scene: Scene, paging: Paging) -> Steps[list[Finding]]:
    """Ask for pages that are none, and return what broke.

    Args:
        scene: The list.
        paging: How pages are asked for.
    """
    for parameter in (paging.size, paging.step):
        for value in _BAD:
            visit = yield from scene.ask(query={**scene.recipe.query, parameter.name: value})
            if visit.breaks:
                return [
                    scene.finding(
                        "lists",
                        f"With {parameter.name}={value} {visit}.",
                        evidence=visit.error or told(visit.text, 160),
                        fix=f"Give {parameter.name} its least and its largest value "
                        "(`ge=..., le=...`), or take what is nearest to what was sent.",
                    )
                ]
    return []


def whole_in_pages(seeing: Seeing, paging: Paging) -> Steps[list[Finding]]:
    """Read a list page by page, and return in what the pages are not the list.

    Args:
        seeing: The list as a whole.
        paging: How pages are asked for.
    """
    everything = len(seeing.listing.elements(seeing.whole))
    if everything <= paging.least or everything > paging.least * MOST_PAGES:
        return []
    pages: list[Visit] = []
    turning = _Turning(seeing, paging)
    while len(pages) <= MOST_PAGES + 1:
        visit = yield from turning.turn(pages)
        if visit is None:
            break
        if not visit.opens or (pages and not seeing.listing.elements(visit)):
            break
        pages.append(visit)
        if len(seeing.listing.elements(visit)) > paging.least:
            break
    return [*_wrong(seeing, paging, pages)][:1]


class _Turning:
    """Asks for one page after the other.

    Args:
        seeing: The list.
        paging: How.
    """

    def __init__(self, seeing: Seeing, paging: Paging) -> None:
        self._seeing, self._paging = seeing, paging
        self._first = first_page(paging)

    def turn(self, pages: list[Visit]) -> Steps[Visit | None]:
        """Return the page after those that were read; None behind the last."""
        paging, number = self._paging, len(pages)
        if paging.kind == "cursor":
            cursor = next_cursor(paging, self._seeing.listing, pages[-1]) if pages else None
            return None if pages and cursor is None else (yield from self._ask(cursor))
        if not pages:
            return (yield from self._ask(None))
        if paging.kind == "offset":
            return (yield from self._ask(number * paging.least))
        if self._first is None:
            visit = yield from self._ask(1)
            self._first = 1 if visit.text == pages[0].text else 0
            if self._first == 0:
                return visit
        return (yield from self._ask(self._first + number))

    def _ask(self, step: Any) -> Steps[Visit]:
        query = {**self._seeing.scene.recipe.query, self._paging.size.name: self._paging.least}
        if step is not None:
            query[self._paging.step.name] = step
        return (yield from self._seeing.scene.ask(query=query))


def _wrong(seeing: Seeing, paging: Paging, pages: list[Visit]) -> Iterator[Finding]:
    scene, listing = seeing.scene, seeing.listing
    if not pages:
        return
    if (seen := len(listing.elements(pages[-1]))) > paging.least:
        yield scene.finding(
            "lists",
            f"{pages[-1]} when {paging.size.name} was {paging.least}, and has {seen} rows.",
            evidence=said(listing.elements(pages[-1])[paging.least]),
            fix=f"Have {paging.size.name} limit the query, or give it its least value (`ge=...`).",
        )
        return
    together = [element for page in pages for element in listing.elements(page)]
    how = f"{scene.operation} as {pages[0].principal} by pages of {paging.least}"
    for row in seeing.rows:
        if (times := seeing.times(row, together)) != 1:
            shown = f"{times} times" if times else "on no page"
            yield scene.finding(
                "lists",
                f"{how} has a row {shown}, which the whole list has once.",
                evidence=seeing.name_of(row),
                fix=_FIX,
            )
            return
    for page in pages[:1]:
        counted = listing.total(page)
        if counted is not None and counted[1] != len(together):
            yield scene.finding(
                "lists",
                f"{how} says {counted[0]} = {counted[1]}, and has {len(together)} rows.",
                evidence=f"{counted[0]} = {counted[1]} on {page.request}",
                fix="Count the rows that the list is of, with the same conditions.",
            )
            return
    for page in pages[1:2]:
        for statement in page.statements:
            sql = statement.sql.upper()
            if not re.search(r"\b(OFFSET|LIMIT)\b", sql) or "OFFSET" not in sql:
                continue
            if "ORDER BY" not in sql:
                why = "no order"
            elif tied := _tied(seeing, statement.sql):
                why = f"no order but by {tied}, in which rows are alike"
            else:
                continue
            yield scene.finding(
                "lists",
                f"{how} has {why}, so that a row may come on two pages or on none.",
                evidence=str(statement),
                fix=_FIX,
            )
            return


def _tied(seeing: Seeing, sql: str) -> str:
    """Return the columns of the order, if rows are the same in all of them; empty if not."""
    said = re.split(r"(?i)\border\s+by\b", sql)[-1]
    said = re.split(r"(?i)\b(limit|offset|fetch)\b", said)[0]
    table = seeing.listing.model.table
    names = []
    for one in said.split(","):
        found = re.fullmatch(r"(?is)\s*(?:[\w\"`]+\.)?[\"`]?(\w+)[\"`]?(\s+(asc|desc))?\s*", one)
        if found is None or found[1] not in table.columns or table.name not in one:
            return ""
        names.append(found[1])
    shown = [tuple(str(row.get(name)) for name in names) for row in seeing.rows]
    return ", ".join(names) if len({*shown}) < len(shown) else ""
