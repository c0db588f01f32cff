"""Which tables a statement is about, read off its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_NAME = r"""(?:["`\[]?\w+["`\]]?\.)?["`\[]?(\w+)["`\]]?"""
_READ = re.compile(rf"\b(?:FROM|JOIN)\s+{_NAME}", re.IGNORECASE)
_WRITTEN = re.compile(
    rf"\b(?:INSERT\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|REPLACE\s+INTO)"
    rf"\s+(?:ONLY\s+)?{_NAME}",
    re.IGNORECASE,
)
READS, WRITES = "reads", "writes"


def tables_of(statements: Iterable[str]) -> dict[str, str]:
    """Return what statements do to each table: `reads`, or `writes` for both."""
    found: dict[str, str] = {}
    for statement in statements:
        for table, deed in _tables(statement):
            if found.get(table) != WRITES:
                found[table] = deed
    return found


@lru_cache(maxsize=4096)
def _tables(statement: str) -> tuple[tuple[str, str], ...]:
    written = dict.fromkeys(_WRITTEN.findall(statement), WRITES)
    read = dict.fromkeys(_READ.findall(statement), READS)
    return tuple({**read, **written}.items())
