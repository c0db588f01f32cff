"""Statements by which a server itself reaches what is not of the test: other databases, its files.

They are read as they are sent. What a function or a trigger of the server does on its own is not
seen.
"""

from __future__ import annotations

import re
from functools import lru_cache

from test_harness.errors import DatabaseLockedError
from test_harness.isolation.statements import code_of, statements_of, without_opaque
from test_harness.lock.callers import caller

OTHER_DATABASE, OTHER_SERVER = "another database", "another server"
FILE, PROGRAM = "a file of the server", "a program on the server"
WHOLE_SERVER = "the whole server"

# By engine: what is always refused, and what migrations may do: their servers lead nowhere later.
ALWAYS = {
    "postgresql": (
        (OTHER_DATABASE, r"\bdblink\w*\s*\("),
        (OTHER_DATABASE, r"^(?:CREATE|DROP|ALTER)\s+DATABASE\s"),
        (PROGRAM, r"^COPY\b.*\b(?:TO|FROM)\s+PROGRAM\b"),
        (FILE, r"^COPY\b.*\bTO\s*''|\blo_export\s*\("),
        (WHOLE_SERVER, r"^ALTER\s+SYSTEM\b"),
    ),
    "mysql": (
        (FILE, r"\bINTO\s+(?:OUTFILE|DUMPFILE)\b"),
        (OTHER_SERVER, r"\bENGINE\s*=?\s*(?:FEDERATED|CONNECT|SPIDER)\b"),
        (
            WHOLE_SERVER,
            r"^SHUTDOWN\b|^PURGE\s|^RESET\s+(?:MASTER|BINARY|SLAVE|REPLICA)\b|^(?:UN)?INSTALL\s",
        ),
    ),
}
IN_TESTS = {
    "postgresql": (
        (OTHER_SERVER, r"^(?:CREATE|ALTER)\s+SERVER\b(?!.*\bfile_fdw\b)"),
        (OTHER_SERVER, r"^IMPORT\s+FOREIGN\s+SCHEMA\b|^CREATE\s+SUBSCRIPTION\b"),
    ),
    "mysql": (
        (OTHER_SERVER, r"^CREATE\s+(?:OR\s+REPLACE\s+)?SERVER\b"),
        (WHOLE_SERVER, r"^SET\s+(?:GLOBAL|PERSIST)\b|^SET\b.*@@(?:GLOBAL|PERSIST)\s*\."),
    ),
}


def _compiled(*patterns: tuple[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    flags = re.IGNORECASE | re.DOTALL
    return [(what, re.compile(pattern, flags)) for what, pattern in patterns]


_WAYS = {
    engine: (_compiled(*ALWAYS[engine]), _compiled(*ALWAYS[engine], *IN_TESTS[engine]))
    for engine in ALWAYS
}
# What is called by its name in quotes, and the statements of a block that is executed at once.
_QUOTED_CALL = re.compile(r'"(\w+)"(?=\s*\()')
_BLOCK = re.compile(r"DO\b.*?(\$\w*\$)(.*)\1", re.IGNORECASE | re.DOTALL)
_OF_A_BLOCK = re.compile(r";|\b(?:BEGIN|THEN|ELSE|LOOP)\b", re.IGNORECASE)
# So that most statements are read once, and quickly.
_SIGNS = re.compile(
    r"dblink|\bDATABASE\b|\bPROGRAM\b|\bCOPY\b|lo_export|\bSYSTEM\b|\bSERVER\b|\bFOREIGN\b|FILE\b"
    r"|\bSUBSCRIPTION\b|\bENGINE\b|\bSHUTDOWN\b|\bPURGE\b|\bRESET\b|INSTALL\b|\bGLOBAL\b|\bPERSIST\b",
    re.IGNORECASE,
)


def refuse_way_out(statement: str, engine: str, *, in_test: bool = True) -> None:
    """Refuse a statement that has the server reach what is not of the test.

    Args:
        statement: What is about to be sent.
        engine: The kind of database that it is sent to.
        in_test: Whether a test sends it, and no migration.

    Raises:
        DatabaseLockedError: It is one.
    """
    if what := _leads_to(statement, engine, in_test):
        raise way_out_refused(statement, what)


def way_out_refused(statement: str, what: str) -> DatabaseLockedError:
    """Return the error for a statement that has the server reach something else."""
    return DatabaseLockedError(
        f"{caller()} had the server reach {what} in `{' '.join(statement.split())[:60]}`, "
        "which is not the test database.",
        "Replace the call in the test.",
    )


@lru_cache(maxsize=1024)
def _leads_to(statement: str, engine: str, in_test: bool) -> str:
    return way_out(statement, engine, in_test=in_test)


def way_out(statement: str, engine: str, *, in_test: bool = True) -> str:
    """Return what a statement has the server reach that is not of the test; empty for nothing."""
    if engine not in _WAYS or not _SIGNS.search(statement):
        return ""
    for code in _codes(_QUOTED_CALL.sub(r"\1", code_of(statement))):
        for what, pattern in _WAYS[engine][in_test]:
            if pattern.search(code):
                return what
    return ""


def _codes(code: str) -> list[str]:
    codes = [part for parts in statements_of(code) for part in parts]
    if block := _BLOCK.match(code):
        codes += map(code_of, _OF_A_BLOCK.split(without_opaque(block[2])))
    return codes
