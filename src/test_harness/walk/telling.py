"""Values that tell of a row: texts and identifiers that no row of the other side has."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping

from test_harness.walk.recipe import plain
from test_harness.walk.visit import Row, Visit

# Shorter texts stand in answers by chance.
SHORTEST = 6


def telling_of(row: Row, others: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    """Yield the columns of a row that tell of it, each with its value as an answer shows it.

    Args:
        row: The row.
        others: Rows that it is not to be taken for, by their tables.
    """
    foreign = _values_of(others)
    return (one for one in _texts_of(row) if one[1] not in foreign)


def shown_in(visit: Visit, row: Row, others: Mapping[str, Row]) -> tuple[str, str] | None:
    """Return a column and a value of a row that an answer shows; None where it shows none.

    What stands in the request as well is no sign: an answer may repeat it.

    Args:
        visit: The request and its answer.
        row: The row.
        others: Rows that it is not to be taken for.
    """
    return next(each_shown_in(visit, row, others), None)


def each_shown_in(visit: Visit, row: Row, others: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    """Yield every column and value of a row that an answer shows.

    Args:
        visit: The request and its answer.
        row: The row.
        others: Rows that it is not to be taken for.
    """
    for column, value in _texts_of(row):
        found = [one for one in {value, json.dumps(value)[1:-1]} if _stands_in(one, visit.text)]
        # Asked for of what is found alone: there are many rows, and most show nothing of any.
        if found and value not in _values_of(others):
            request = visit.request
            parts = [request.path, request.query, request.json, request.form]
            asked = json.dumps(parts, default=str)
            if any(one not in asked for one in found):
                yield column, value


def _texts_of(row: Row) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if isinstance(value, (str, uuid.UUID)) and len(str(value)) >= SHORTEST:
            yield column, str(value)


def _values_of(rows: Mapping[str, Row]) -> set[str]:
    return {str(plain(value)) for row in rows.values() for value in row.values()}


def _stands_in(value: str, text: str) -> bool:
    # As it is first, which is found far sooner.
    return value in text and bool(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text))
