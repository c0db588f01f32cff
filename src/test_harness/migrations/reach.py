"""Which tables a revision may have changed.

Judged by the statements that it sent: more tables rather than fewer, because what is not named here
is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from test_harness.migrations.snapshot import Snapshot

_SPREADS = re.compile(r"\b(update|delete|drop|truncate|replace|merge)\b", re.IGNORECASE)
_HARMLESS = re.compile(r"\s*(select|pragma|show|explain|savepoint|release)\b", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"\b(type|domain|sequence|view|function|procedure|schema|extension|rename)\b"
    r"|\b(create|drop)\s+(\w+\s+)?table\b"
)
_OPAQUE = re.compile(
    r"\s*(do|call|exec)\b|.*\b(alter|drop)\s+(type|domain|schema|extension)\b|.*\bdrop\b.*\bcascade\b",
    re.IGNORECASE | re.DOTALL,
)


def reached(snapshot: Snapshot, statements: Iterable[str]) -> set[str]:
    """Return the tables that these statements may have changed, more rather than fewer.

    The empty name is among them when they may have changed what is outside of tables.
    """
    seen = [statement.lower() for statement in statements]
    texts = [text for text in seen if not _HARMLESS.match(text)]
    everything = set(snapshot)
    # Without any statement the revision may have gone round SQLAlchemy.
    if not seen or any(_OPAQUE.match(text) for text in texts):
        return everything
    everything.discard("")
    text = "\n".join(texts)
    found = {
        name
        for name in everything
        if name.rpartition(".")[2].lower() in text or any(it in text for it in snapshot[name].names)
    }
    if any(thing.startswith("trigger ") for name in found for thing in snapshot[name].things):
        return {"", *everything}
    if _SPREADS.search(text):
        parents = {name: {key.table for key in snapshot[name].keys} for name in everything}
        while more := {name for name in everything - found if parents[name] & found}:
            found |= more
    if _OUTSIDE.search(text):
        found.add("")
    return found
