"""What is not there for who asks is not found, is not touched, and looks like what never was."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from test_harness.errors import HarnessError
from test_harness.walk.finding import Finding
from test_harness.walk.oracles.untouched import touched
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.patterns.rows import said_row, stored, table_of
from test_harness.walk.recipe import in_text, plain
from test_harness.walk.steps import Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Row, Visit

WITH_BODY = ("POST", "PUT", "PATCH")
# What no table of a test has counted to.
NOBODYS = 2**31 - 2
_OWN_OF_AN_ANSWER = re.compile(r"[0-9a-fA-F]{8}[0-9a-fA-F-]{4,}|\d+")


def not_found(
    asked: Asked, row: Any, methods: Iterable[str], json: Any, status: int
) -> Steps[list[Finding]]:
    """Ask for a row in each way, and in the same way for one that never was.

    Args:
        asked: Its path.
        row: The row; None where the path is of none.
        methods: Of the requests.
        json: What those are sent with that have a body.
        status: What is right.
    """
    known: Row = {}
    if row is not None:
        known = yield partial(stored, row)
    for method in methods:
        asked.operation(method)
        body = json if method in WITH_BODY else None
        visit = yield from asked.send(method, json=body)
        found = _wrong(asked, visit, row, known, status)
        if not found and row is not None:
            nowhere = Asked(asked.who, _elsewhere(asked.path, row, known))
            other = yield from nowhere.send(method, json=body)
            found = _told_apart(asked, visit, other)
        if found:
            return found
    return []


def _wrong(asked: Asked, visit: Visit, row: Any, known: Row, status: int) -> list[Finding]:
    if visit.status != status or visit.error:
        fix = "Look for the row among those of who asks, and answer 404 without one."
        return [asked.finding("not found", visit, f", not {status}.", fix=fix)]
    if found := touched(asked.scene(visit.request.method, visit), visit):
        return found
    if shown := shown_in(visit, known, {}):
        column, value = shown
        return [
            asked.finding(
                "not found",
                visit,
                f", and shows the row {said_row(table_of(row), known)}.",
                evidence=f"{column} = {value!r}",
                fix="Say nothing of a row that is not to be found.",
            )
        ]
    return []


def _told_apart(asked: Asked, visit: Visit, other: Visit) -> list[Finding]:
    if (visit.status, _shape(visit)) == (other.status, _shape(other)):
        return []
    return [
        asked.finding(
            "not found",
            visit,
            f", and {other.request} answered {other.status}, where there is nothing: the "
            "difference tells that there is a row.",
            evidence=f"{visit.text[:80]!r} and {other.text[:80]!r}",
            fix="Answer the same, whether there is no such row or it is another's.",
        )
    ]


def _shape(visit: Visit) -> str:
    """Return an answer without what is its own: keys, numbers, moments."""
    return _OWN_OF_AN_ANSWER.sub("*", visit.text)


def _elsewhere(path: str, row: Any, known: Row) -> str:
    """Return the path with the name of a row that never was in the place of this one's.

    Raises:
        HarnessError: The path does not name the row.
    """
    table = table_of(row)
    keys = [column.name for column in table.primary_key.columns]
    segments = path.split("/")
    for column in [*keys, *(name for name in known if name not in keys)]:
        value = known[column]
        if value is None or isinstance(value, bool):
            continue
        shown = quote(str(in_text(plain(value))), safe=":@")
        places = [place for place, it in enumerate(segments) if it == shown]
        if places:
            segments[places[-1]] = str(_other_than(value))
            return "/".join(segments)
    raise HarnessError(
        f"{path} does not name {said_row(table, known)}.",
        "Give the row that the path ends in, or none.",
    )


def _other_than(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    if isinstance(value, int):
        return NOBODYS
    text = str(value)
    is_uuid = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
    return str(uuid.uuid4()) if is_uuid else f"{text}-that-never-was"
