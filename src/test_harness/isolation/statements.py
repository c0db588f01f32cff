"""What a statement of the application does, read as the server reads it.

Comments count for nothing, MySQL's `/*! ... */` for what stands in it, and one string may hold
several statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

# Text in quotes, in dollar quotes, names in quotes, and comments: what keywords do not stand in.
_OPAQUE = re.compile(
    r"""
    '(?:[^'\\]|\\.|'')*'
    | "(?:[^"\\]|\\.|"")*"
    | `[^`]*`
    | \$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?(tag)(?P=tag))\$
    | /\*.*?\*/
    | --[^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_OPAQUE_PLAIN = re.compile(_OPAQUE.pattern.replace(r"[^'\\]|\\.|''", "[^']|''"), _OPAQUE.flags)
_LEADING = re.compile(
    r"(?:\s+|/\*(?!M?!).*?\*/|--[^\n]*(?:\n|$)|\#[^\n]*(?:\n|$)|;|\()*", re.DOTALL
)
_CONDITIONAL = re.compile(r"/\*M?!\d*(.*?)\*/", re.DOTALL)

_ENDS = frozenset({"begin", "commit", "rollback", "two-phase"})
_READS = ("SELECT", "SHOW", "PRAGMA", "EXPLAIN", "SAVEPOINT", "RELEASE", "WITH", "VALUES", "DESC")
# What makes a write of what begins like a read; to lock rows is none.
_WRITES = re.compile(r"\b(?:INSERT|(?<!FOR )(?<!KEY )UPDATE|DELETE|MERGE|INTO)\b", re.IGNORECASE)
_CALLED = re.compile(r'(\w+)["`]?\s*\(')
# A view may call a function as well.
_READ = re.compile(r'\b(?:FROM|JOIN|TABLE)\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)', re.IGNORECASE)
# So that nobody asks the server about them.
_NEVER_WRITE = frozenset([
    "and", "as", "avg", "cast", "coalesce", "count", "exists", "from", "in", "lower", "max", "min",
    "not", "now", "on", "or", "over", "sum", "values", "varchar", "where",
])  # fmt: skip
# What is one statement, whatever semicolons stand in its body.
_HAS_BODY = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:TEMP\w*\s+|CONSTRAINT\s+)?"
    r"(?:TRIGGER|FUNCTION|PROCEDURE|EVENT)\b|BEGIN\s+NOT\s+ATOMIC\b",
    re.IGNORECASE,
)
_TWO_PHASE = re.compile(r"PREPARE\s+TRANSACTION\b")
_TO_A_SAVEPOINT = re.compile(r"ROLLBACK\s+(?:(?:WORK|TRANSACTION)\s+)?TO\b")
# What outlives a rollback, by engine: variables of MySQL's sessions and PRAGMAs of SQLite, but not
# SET of PostgreSQL, which is undone; temporary tables, prepared statements, locks by name.
_CHANGES = {
    "mysql": re.compile(
        r"SET\b(?!\s+TRANSACTION\b)|CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b|PREPARE\b|USE\b|HANDLER\b"
        r"|.*?(?:\bGET_LOCK\s*\(|@\w+\s*:=|\bINTO\s+@)",
        re.IGNORECASE | re.DOTALL,
    ),
    "sqlite": re.compile(
        r"(?:ATTACH|DETACH)\b|PRAGMA\s+(?:\w+\s*\.\s*)?(?!(?:table|index|foreign_key|integrity|quick)_"
        r"|function_list|pragma_list|collation_list|database_list|optimize|wal_checkpoint)\w+\s*[=(]",
        re.IGNORECASE,
    ),
    "postgresql": re.compile(
        r"PREPARE\b(?!\s+TRANSACTION)|LOAD\b"
        r'|.*?\b(?:pg_(?:try_)?advisory_lock(?:_shared)?|setseed)"?\s*\(',
        re.IGNORECASE | re.DOTALL,
    ),
}


def code_of(statement: str) -> str:
    """Return a statement from its first keyword on, without the comments before it."""
    statement = conditional_shown(statement)
    return statement[_LEADING.match(statement).end() :]  # type: ignore[union-attr]


def conditional_shown(statement: str) -> str:
    """Return a statement with what MySQL and MariaDB read in some comments in the place of them."""
    if "/*!" in statement or "/*M!" in statement:
        return _CONDITIONAL.sub(r" \1 ", statement)
    return statement


@lru_cache(maxsize=1024)
def kind_of(statement: str) -> str:
    """Return what a statement does to its transaction.

    Returns:
        `begin`, `commit`, `rollback`, `read`, `write`, `two-phase` for what would have it outlive
        its connection, or `script` for several statements of which one begins or ends one.
    """
    code = code_of(statement)
    if _HAS_BODY.match(code):
        return "write"
    # A semicolon at the end stands behind the only statement.
    if ";" not in code.rstrip().rstrip(";"):
        return _kind(code)
    readings = [[_kind(part) for part in parts] for parts in statements_of(code)]
    if any(len(kinds) > 1 and _ENDS.intersection(kinds) for kinds in readings):
        return "script"
    kinds = readings[0]
    return kinds[0] if len(kinds) == 1 else "write" if "write" in kinds else "read"


def statements_of(code: str) -> list[list[str]]:
    """Return the statements of one string without texts and comments, as each server reads it.

    A backslash ends nothing on MySQL, and in a text of PostgreSQL that says so; to all others it is
    a letter, after which a quote ends the text.
    """
    read = [without_opaque(code)]
    if "\\" in code:
        read.append(_OPAQUE_PLAIN.sub(_emptied, code))
    return [[part for part in map(code_of, one.split(";")) if part] for one in read]


def calls_of(statement: str) -> frozenset[str]:
    """Return what a statement may call, in small letters: functions, and what it reads from."""
    names = {*_CALLED.findall(statement), *_READ.findall(statement)}
    return frozenset(map(str.lower, names)) - _NEVER_WRITE


def outlives(statement: str, engine: str) -> bool:
    """Say whether a statement changes the session itself, in a way that no rollback undoes.

    Args:
        statement: What is sent.
        engine: The kind of database that it is sent to.
    """
    return engine in _CHANGES and _CHANGES[engine].match(code_of(statement)) is not None


def _kind(code: str) -> str:
    command = code[:24].upper()
    if command.startswith(("BEGIN", "START TRANSACTION")):
        return "begin"
    if command.startswith(("COMMIT", "END")):
        return "commit"
    if _TWO_PHASE.match(command):
        return "two-phase"
    if command.startswith(("ROLLBACK", "ABORT")):
        return "write" if _TO_A_SAVEPOINT.match(command) else "rollback"
    if not command.startswith(_READS):
        return "write"
    return "write" if _WRITES.search(without_opaque(code)) else "read"


def replaced_in_code(
    statement: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]
) -> str:
    """Return a statement with what a pattern finds replaced, but in texts, names and comments.

    Args:
        statement: What is sent.
        pattern: What is replaced.
        replacement: Returns what stands for it.
    """
    parts, at = [], 0
    for opaque in _OPAQUE.finditer(statement):
        parts += [pattern.sub(replacement, statement[at : opaque.start()]), opaque[0]]
        at = opaque.end()
    return "".join([*parts, pattern.sub(replacement, statement[at:])])


def without_opaque(code: str) -> str:
    """Return a statement with its texts and names in quotes empty, and without comments."""
    return _OPAQUE.sub(_emptied, code)


def _emptied(found: re.Match[str]) -> str:
    return " " if found[0].startswith(("/*", "--")) else "''"
