"""What stops others, or loses values, on a MySQL or MariaDB server that is in use.

https://mariadb.com/kb/en/innodb-online-ddl-overview/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from test_harness.migrations.course import Passage
from test_harness.migrations.danger import ADD_COLUMN, NAME, Danger, alterations, is_widened
from test_harness.migrations.snapshot import unquoted

_MODIFY = re.compile(rf"(?:MODIFY|CHANGE)\s+(?:COLUMN\s+)?({NAME})\s+(.*)", re.I | re.S)
_CHANGES_ROWS = re.compile(
    rf"\s*(?:UPDATE|DELETE\s+FROM|(?:INSERT|REPLACE)(?:\s+IGNORE)?\s+INTO)\s+(?:IGNORE\s+)?({NAME})",
    re.I,
)
_IS_DDL = re.compile(r"\s*(?:CREATE|ALTER|DROP|RENAME)\b", re.I)

DANGERS = {
    "MY101": Danger(
        "changes rows beside DDL, which commits by itself: after a failure half is done",
        "give the rows a revision of their own",
    ),
    "MY102": Danger(
        "has the server invent '' or 0 for the rows that are there",
        "give a server_default, or add the column as nullable and fill it first",
    ),
    "MY103": Danger(
        "takes values out of an enum or moves them: rows that hold them lose them",
        "keep the old values where they are and add new ones at the end",
    ),
    "MY104": Danger(
        "copies the whole table while nobody can write to it",
        "add a new column, copy in batches, and switch over",
    ),
}


def find(passage: Passage, text: str) -> Iterator[tuple[str, str]]:
    """Yield the code of each danger of a statement, and what it hits."""
    match = _CHANGES_ROWS.match(text)
    has_ddl = any(_IS_DDL.match(other.text) for other in passage.statements)
    if match and has_ddl and unquoted(match[1]) in passage.before:
        yield "MY101", f"the change of rows of {unquoted(match[1])}"
    name, actions = alterations(text)
    if name in passage.before:
        for action in actions:
            yield from _of_action(passage, name, action)


def _of_action(passage: Passage, name: str, action: str) -> Iterator[tuple[str, str]]:
    if match := _MODIFY.match(action):
        column = unquoted(match[1])
        old, new = (
            side.columns.get(column) if (side := state.get(name)) else None
            for state in (passage.before, passage.after)
        )
        if old is None or new is None or old.type == new.type:
            return
        if old.type.startswith("enum("):
            if not new.type.startswith(old.type.removesuffix(")")):
                yield "MY103", f"the new type of {name}.{column}"
        elif not is_widened(old.type, new.type):
            yield "MY104", f"the new type of {name}.{column}"
    elif match := ADD_COLUMN.match(action):
        definition = match[2].upper()
        if "NOT NULL" in definition and not re.search(
            r"\bDEFAULT\b|AUTO_INCREMENT|GENERATED| AS \(", definition
        ):
            yield "MY102", f"the new column {name}.{unquoted(match[1])}"
