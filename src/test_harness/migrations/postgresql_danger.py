"""What stops others on a PostgreSQL server that is in use.

https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from test_harness.migrations.course import Passage
from test_harness.migrations.danger import ADD_COLUMN, NAME, Danger, alterations, is_widened
from test_harness.migrations.snapshot import Table, unquoted

_CREATE_INDEX = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)(?:IF NOT EXISTS\s+)?"
    rf"({NAME})\s+ON\s+(?:ONLY\s+)?({NAME})",
    re.I,
)
_TYPE = re.compile(rf"ALTER\s+(?:COLUMN\s+)?({NAME})\s+(?:SET\s+DATA\s+)?TYPE\s+(.+)", re.I | re.S)
_NOT_NULL = re.compile(rf"ALTER\s+(?:COLUMN\s+)?({NAME})\s+SET\s+NOT\s+NULL", re.I)
_CONSTRAINT = re.compile(
    r"ADD\s+(?:CONSTRAINT\s+\S+\s+)?(FOREIGN KEY|CHECK|UNIQUE|EXCLUDE)\b(.*)", re.I | re.S
)
_SAME_FOR_ALL_ROWS = re.compile(
    r"(?:now|current_\w+|localtime\w*|transaction_timestamp)\b(?:\(\))?", re.I
)

DANGERS = {
    "PG101": Danger(
        "builds an index while nobody can write to the table",
        "postgresql_concurrently=True within op.get_context().autocommit_block(); for a "
        "unique constraint then ADD CONSTRAINT ... UNIQUE USING INDEX",
    ),
    "PG102": Danger(
        "reads the whole table while nobody can use it",
        "add CHECK (column IS NOT NULL) NOT VALID, validate it in the next revision, then "
        "SET NOT NULL, which trusts it",
    ),
    "PG103": Danger(
        "writes the whole table anew while nobody can use it",
        "add a new column, copy in batches, and switch over",
    ),
    "PG104": Danger(
        "computes the default for each row, which writes the whole table anew",
        "add the column without it, set the default, and fill old rows in batches",
    ),
    "PG105": Danger(
        "checks every row while nobody can write to the table",
        "add it NOT VALID, and VALIDATE CONSTRAINT in a revision of its own",
    ),
}


def find(passage: Passage, text: str) -> Iterator[tuple[str, str]]:
    """Yield the code of each danger of a statement, and what it hits."""
    if (
        (match := _CREATE_INDEX.match(text))
        and unquoted(match[2]) in passage.before
        # With IF NOT EXISTS it may be there.
        and f"index {unquoted(match[1])}" not in passage.before[unquoted(match[2])].things
    ):
        yield "PG101", f"an index on {unquoted(match[2])}"
    name, actions = alterations(text)
    if name in passage.before:
        for action in actions:
            yield from _of_action(name, passage.before[name], action)


def _of_action(name: str, table: Table, action: str) -> Iterator[tuple[str, str]]:
    if match := _CONSTRAINT.match(action):
        kind = match[1].upper()
        if kind in {"UNIQUE", "EXCLUDE"}:
            if "USING INDEX" not in action.upper():
                yield "PG101", f"a constraint on {name}"
        elif "NOT VALID" not in action.upper():
            yield "PG105", f"a constraint on {name}"
    elif match := _NOT_NULL.match(action):
        column = unquoted(match[1])
        checked = f"check (({column} is not null))"
        if not any(
            thing.startswith(checked) and "not valid" not in thing for thing in table.things
        ):
            yield "PG102", f"NOT NULL for {name}.{column}"
    elif match := _TYPE.match(action):
        column = unquoted(match[1])
        if column in table.columns and not is_widened(table.columns[column].type, match[2]):
            yield "PG103", f"the new type of {name}.{column}"
    elif match := ADD_COLUMN.match(action):
        default = re.search(r"\bDEFAULT\s+(.+)", match[2], re.I | re.S)
        volatile = default and re.search(r"\w+\(", _SAME_FOR_ALL_ROWS.sub("", default[1]))
        if volatile or re.search(r"\b(big|small)?serial\b|GENERATED", match[2], re.I):
            yield "PG104", f"the new column {name}.{unquoted(match[1])}"
