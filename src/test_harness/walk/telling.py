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
    foreign = {str(plain(value)) for other in others.values() for value in other.values()}
    for column, value in row.items():
        if isinstance(value, (str, uuid.UUID)) and len(str(value)) >= SHORTEST:
            shown = str(value)
            if shown not in foreign:
                yield column, shown


def shown_in(visit: Visit, row: Row, others: Mapping[str, Row]) -> tuple[str, str] | None:
    """Return a column and a value of a row that an answer shows; None where it shows none.

    What stands in the request as well is no sign: an answer may repeat it.

    Args:
        visit: The request and its answer.
        row: The row.
        others: Rows that it is not to be taken for.
    """
    request = visit.request
    asked = json.dumps([request.path, request.query, request.json, request.form], default=str)
    for column, value in telling_of(row, others):
        as_json = json.dumps(value)[1:-1]
        for shown in {value, as_json}:
            if shown not in asked and re.search(rf"(?<!\w){re.escape(shown)}(?!\w)", visit.text):
                return column, value
    return None
