"""What the statements of a request tell of what was looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.walk.visit import Statement, Visit

_COMPARED = re.compile(
    r"(?:[\"`\[]?(\w+)[\"`\]]?\.)?[\"`\[]?(\w+)[\"`\]]?\s*(?:=|IN\s*\()\s*"
    r"(\?|%s|%\((\w+)\)s|\$(\d+)|:(\w+))",
    re.IGNORECASE,
)
# What stands in a statement itself, and what it is in Python.
_LITERAL = re.compile(
    r"[\"`\[]?(\w+)[\"`\]]?\.[\"`\[]?(\w+)[\"`\]]?\s+(?:(IS NULL)|(?:IS|=)\s+(true|false|1|0)\b)",
    re.IGNORECASE,
)
# Words that stand behind the name of a table and are no other name for it.
_AFTER = re.compile(
    "(WHERE|SET|JOIN|LEFT|INNER|ON|ORDER|GROUP|LIMIT|FOR|VALUES|CROSS|FULL|RIGHT|OUTER|HAVING|OFFSET|"
    "RETURNING|UNION|DEFAULT)$",
    re.IGNORECASE,
)
MISSING: Any = object()
_PLACE = re.compile(r"\?|%s|%\(\w+\)s|\$\d+|(?<!:):\w+")
_FROM = re.compile(
    r"\b(?:FROM|UPDATE|JOIN|INTO)\s+(?:[\"`]?\w+[\"`]?\.)?[\"`]?(\w+)[\"`]?(?:\s+AS)?(?:\s+[\"`]?(\w+)[\"`]?)?",
    re.IGNORECASE,
)


def compared_columns(visit: Visit, value: str) -> list[tuple[str, str]]:
    """Return the tables and columns that the application compared with a value.

    Args:
        visit: The request.
        value: What it said.
    """
    found = [pair for one in visit.statements for pair in _compared(one, _norm(value))]
    return list(dict.fromkeys(found))


def comparisons(visit: Visit) -> list[tuple[str, str, Any]]:
    """Return what a request compared: a table, a column and a value, `MISSING` if it is not seen.

    Args:
        visit: The request.
    """
    found: list[tuple[str, str, Any]] = []
    for one in visit.statements:
        aliases = _aliases(one)
        found += [
            (_table(match, aliases), match[2], _parameter(one, match))
            for match in _COMPARED.finditer(one.sql)
        ]
        for match in _LITERAL.finditer(one.sql):
            value = None if match[3] else match[4].lower() in {"true", "1"}
            found.append((aliases.get(match[1].lower(), match[1]), match[2], value))
    return found


def _aliases(statement: Statement) -> dict[str, str]:
    """Return the tables of a statement by what it calls them."""
    found = {}
    for table, alias in _FROM.findall(statement.sql):
        is_alias = alias and not _AFTER.match(alias)
        found[(alias if is_alias else table).lower()] = table
    return found


def _table(match: re.Match[str], aliases: Mapping[str, str]) -> str:
    alias = (match[1] or "").lower()
    return aliases.get(alias, match[1]) if alias else next(iter(aliases.values()), "")


def _compared(statement: Statement, value: str) -> Iterator[tuple[str, str]]:
    if not value:
        return
    aliases = _aliases(statement)
    for found in _COMPARED.finditer(statement.sql):
        if _norm(_parameter(statement, found)) == value:
            yield _table(found, aliases), found[2]


def _parameter(statement: Statement, found: re.Match[str]) -> Any:
    given = statement.parameters
    name = found[4] or found[6]
    if isinstance(given, Mapping):
        return given.get(name, MISSING) if name else MISSING
    if not isinstance(given, (list, tuple)):
        return MISSING
    before = statement.sql[: found.start(3)]
    at = int(found[5]) - 1 if found[5] else len(_PLACE.findall(before))
    return given[at] if at < len(given) else MISSING


def _norm(value: Any) -> str:
    text = str(value)
    is_uuid = re.fullmatch(r"[0-9a-fA-F-]{32,36}", text)
    return text.replace("-", "").lower() if is_uuid else text
