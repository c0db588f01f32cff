"""What rows have lost on their way through a revision, as far as it did not mean to take it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from test_harness.migrations.rows import Content, Row
from test_harness.migrations.snapshot import Snapshot, unquoted

_CHANGE = re.compile(
    r"\b(?:update(?:\s+or\s+\w+|\s+ignore)?|delete\s+(?:[\w`]+\s+)?from|truncate(?:\s+table)?"
    r"|(?:insert|replace|merge)\s+(?:or\s+\w+\s+|ignore\s+)?into)\s+"
    r"(?:only\s+)?([\w.\"`\[\]]+)",
    re.IGNORECASE,
)

# A text of fewer letters may be a part that is taken out of another on purpose.
LEAST = 8
# How much of a value is shown.
SHOWN = 60


def losses(
    was: tuple[Snapshot, Content],
    now: tuple[Snapshot, Content],
    via: Snapshot,
    texts: Iterable[str],
) -> Iterator[tuple[str, str]]:
    """Return each table that has lost something, and what.

    Args:
        was: The schema before the revision, and the rows that were there.
        now: The same after it.
        via: The schema on the way: what it does not have, the revision took away on purpose.
        texts: The statements that were sent; what they change is changed on purpose.
    """
    (before, rows_before), (after, rows_after) = was, now
    on_purpose = _meant(texts)
    for name, rows in rows_before.items():
        if name not in rows_after or name not in via or rows_after[name] == rows:
            continue
        purpose = on_purpose.get(name.lower(), "")
        columns = [
            key
            for key in before[name].columns.keys()
            & via[name].columns.keys()
            & after[name].columns.keys()
            if before[name].columns[key].type == after[name].columns[key].type
            and key.lower() not in purpose
        ]
        may_go = "delete" in purpose or "truncate" in purpose
        gone = _gone(rows, rows_after[name], columns, may_go=may_go)
        # Nobody shortens every text on purpose; where one is meant to be, the baseline says so.
        others = (before[name].columns.keys() & after[name].columns.keys()) - {*columns}
        pairs = [(key, key) for key in sorted(others)]
        pairs += [
            (old, new)
            for old in sorted(before[name].columns.keys() - after[name].columns.keys())
            for new in sorted(after[name].columns.keys() - before[name].columns.keys())
        ]
        if gone := [*gone, *_cut(rows, rows_after[name], pairs)]:
            yield name, "; ".join(gone)


def _gone(
    before: list[Row], after: list[Row], columns: Collection[str], *, may_go: bool
) -> list[str]:
    if len(after) < len(before):
        return [] if may_go else [f"{len(before) - len(after)} of {len(before)} rows are gone"]
    problems = []
    for column in sorted(columns):
        now = Counter(repr(row[column]) for row in after)
        if gone := Counter(repr(row[column]) for row in before) - now:
            problems.append(f"{column} was {_short(min(gone))} and is now {_short(min(now))}")
    return problems


def _cut(before: list[Row], after: list[Row], pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the columns whose texts, under the same name or a new one, are only half there."""
    for old, new in pairs:
        was = [row[old] for row in before if isinstance(row[old], str)]
        now = {row[new] for row in after if isinstance(row[new], str)}
        for text in was:
            left = [it for it in now if LEAST <= len(it) < len(text) and text.startswith(it)]
            if text not in now and left:
                kept = max(map(len, left))
                name = old if old == new else f"{old}, now {new},"
                yield f"{name} is cut from {len(text)} to {kept} characters"
                break


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


def _meant(statements: Iterable[str]) -> dict[str, str]:
    """Return the tables whose rows are changed on purpose, and the statements that do so."""
    found: dict[str, str] = {}
    for statement in statements:
        for name in _CHANGE.findall(statement):
            table = unquoted(name)
            found[table] = f"{found.get(table, '')} {statement}".lower()
    return found
