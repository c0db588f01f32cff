"""Which tables a request may have written to, so that only those are read again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from sqlalchemy import Connection, Table, text

from test_harness.factories.database_facts import is_view
from test_harness.isolation.statements import code_of, kind_of
from test_harness.runtime.schema import every_metadata
from test_harness.walk.visit import Statement

# Counts whatever has the database write on its own account, in tables that no statement names.
_HIDDEN = {
    "postgresql": """
SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) + (SELECT count(*) FROM pg_rules
WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))
""",
    "mysql": "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
}
# What rows are read from, and what a statement gives a name of its own.
_SOURCE = re.compile(r"\b(?:from|join)\s+(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(\w+)")
_WITH = re.compile(
    r"(?:\bwith(?:\s+recursive)?|,)\s*[\"`\[]?(\w+)[\"`\]]?\s*(?:\([^()]*\)\s*)?as\s*\("
)
_NO_ROWS = re.compile(
    r"(?i)SET|SAVEPOINT|RELEASE|ROLLBACK|LOCK|UNLOCK|DEALLOCATE|USE|NOTIFY|LISTEN"
)


@cache
def tables() -> tuple[Table, ...]:
    """Return the tables of the models of all databases, without views."""
    every = [metadata for found in every_metadata().values() for metadata in found]
    return tuple(table for one in every for table in one.tables.values() if not is_view(table))


def written_tables(statements: Iterable[Statement]) -> frozenset[Table]:
    """Return the tables that statements may have changed, by what they name.

    Args:
        statements: What was sent.
    """
    found: set[Table] = set()
    for statement in statements:
        found |= _written(statement.sql)
    return frozenset(found)


def read_tables(statements: Iterable[Statement]) -> frozenset[Table]:
    """Return the tables that statements may have read, by what they name.

    Args:
        statements: What was sent.
    """
    found: set[Table] = set()
    for statement in statements:
        found |= _read(statement.sql)
    return frozenset(found)


def has_hidden_writes(connection: Connection) -> bool:
    """Tell whether a database writes where no statement says so: it has triggers, or rules.

    Args:
        connection: Leads there.
    """
    dialect = connection.dialect.name
    asked = _HIDDEN["mysql" if dialect == "mariadb" else dialect]
    return bool(connection.scalar(text(asked)))


@lru_cache(maxsize=1024)
def _written(sql: str) -> frozenset[Table]:
    code = code_of(sql)
    if kind_of(sql) != "write" or _NO_ROWS.match(code):
        return frozenset()
    named = {table for name in _names().findall(code.lower()) for table in _by_name()[name]}
    if not named:
        return frozenset(tables())  # Such as the call of a procedure.
    if not code[:6].upper().startswith("INSERT"):
        named = _with_children(named)
    return frozenset(named)


@lru_cache(maxsize=1024)
def _read(sql: str) -> frozenset[Table]:
    code = code_of(sql).lower()
    sources = {*_SOURCE.findall(code)} - {*_WITH.findall(code)}
    if not sources <= _by_name().keys():
        return frozenset(tables())  # Such as a view, or what a function of the database returns.
    named = _by_name().keys() & {*re.findall(r"\w+", code)}
    return frozenset(table for name in named for table in _by_name()[name])


@cache
def _by_name() -> Mapping[str, list[Table]]:
    found: dict[str, list[Table]] = defaultdict(list)
    for table in tables():
        found[table.name.lower()].append(table)
    return found


@cache
def _names() -> re.Pattern[str]:
    names = "|".join(map(re.escape, _by_name()))
    return re.compile(rf"\b(?:{names})\b" if names else r"(?!)")


def _with_children(named: set[Table]) -> set[Table]:
    """Return tables with those whose rows may change, or go, with the rows of theirs."""
    found, waiting = {*named}, [*named]
    while waiting:
        parent = waiting.pop()
        for table in tables():
            leads = any(key.column.table is parent for key in table.foreign_keys)
            if leads and table not in found:
                found.add(table)
                waiting.append(table)
    return found
