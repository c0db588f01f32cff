"""Statements of MySQL and MariaDB that would lead out of the test, or out of its database."""

from __future__ import annotations

import re
from functools import lru_cache

from test_harness.errors import DatabaseLockedError, IsolationError
from test_harness.isolation.statements import code_of, conditional_shown
from test_harness.isolation.ways_out import way_out, way_out_refused
from test_harness.lock.callers import caller

# https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
COMMITS = re.compile(
    r"(ALTER|CREATE(?!\s+(OR\s+REPLACE\s+)?TEMPORARY)|DROP(?!\s+TEMPORARY)|RENAME|TRUNCATE"
    r"|GRANT|REVOKE|(UN)?LOCK\s+TABLES|ANALYZE|OPTIMIZE|REPAIR|CHECK|FLUSH|BEGIN|START\s+TRANSACTION"
    r"|COMMIT|ROLLBACK(?!\s+TO)|SET\s+(SESSION\s+|LOCAL\s+|@@)?(SESSION\.|LOCAL\.)?AUTOCOMMIT)\b",
    re.IGNORECASE,
)
# Of all others but these the server is asked whether the transaction is there still: a procedure,
# and what is executed under a name, tell of themselves nothing.
NEVER_COMMITS = re.compile(
    r"(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|VALUES|TABLE|SHOW|SAVEPOINT|RELEASE|ROLLBACK|SET"
    r"|EXPLAIN|DESC|DESCRIBE|DO|USE|CREATE|DROP|PREPARE|DEALLOCATE)\b|$",
    re.IGNORECASE,
)
UNSURE = "test_harness_unsure"
# What is prepared as a text is executed later, under its name.
PREPARED = re.compile(
    r"""(?:PREPARE\s+\S+\s+FROM|EXECUTE\s+IMMEDIATE)\s+(['"])(.*)\1""", re.IGNORECASE | re.DOTALL
)

# What stands before the name of a table, whose first part is that of its database.
OTHER = re.compile(
    r"(?:(?<!KEY )UPDATE|(?:FROM|(?:STRAIGHT_)?JOIN|INTO|TABLE|TRUNCATE|(?:IF|NOT)\s+EXISTS|CALL"
    r"|IGNORE|INSERT|REPLACE|DELETE|(?:LOW|HIGH)_PRIORITY|DELAYED|HANDLER|DESC(?:RIBE)?|EXPLAIN)\b)"
    r"(?:\s+|(?<=FROM|JOIN)[\s(]+)(`[^`]+`|\w+)\s*\.\s*(?:`[^`]+`|[a-z_])"
    # A function of another one.
    r"|(`[^`]+`|\b[a-z_]\w*)\s*\.\s*(?:`[^`]+`|[a-z_]\w*)\s*\("
    r"|^\s*(?:USE|(?:CREATE|DROP|ALTER)\s+(?:DATABASE|SCHEMA)(?:\s+IF(?:\s+NOT)?\s+EXISTS)?)"
    r"\s+(`[^`]+`|\w+)",
    re.IGNORECASE,
)
# Several tables with commas between them: in `FROM a, b.c AS d` all but the first.
LIST = re.compile(
    r"\b(?:FROM|JOIN|(?<!KEY )UPDATE)\s+(?:{item}\s*,\s*)+{item}".format(
        item=r"(?:`[^`]+`|\w+)(?:\s*\.\s*(?:`[^`]+`|\w+))?(?:\s+(?:AS\s+)?(?:`[^`]+`|\w+))?"
    ),
    re.IGNORECASE,
)
OF_A_LIST = re.compile(r",\s*(`[^`]+`|\w+)\s*\.\s*(?:`[^`]+`|\w+)")
# Where a name after FROM or UPDATE is that of a column, and where there is no SQL at all. A name in
# quotes stays: what begins a comment elsewhere may stand in it.
NO_TABLES = re.compile(
    r"(`[^`]*`)|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|/\*.*?\*/|--(?=\s)[^\n]*|\#[^\n]*"
    r"|\bDUPLICATE\s+KEY\s+UPDATE\b"
    r"|\b(?:EXTRACT|TRIM|SUBSTR|SUBSTRING)\s*\((?:[^()]|\([^()]*\))*\)",
    re.IGNORECASE | re.DOTALL,
)
OF_THE_SERVER = {"information_schema", "performance_schema"}


def refuse_in_tests(statement: str | bytes | bytearray) -> None:
    """Refuse a statement that would end the transaction of the test.

    Raises:
        DatabaseLockedError: It does, and leads out of the server.
        IsolationError: It does.
    """
    text = _text(statement)
    code = code_of(text)
    prepared = PREPARED.match(code)
    if COMMITS.match(code_of(prepared[2]) if prepared else code):
        if what := way_out(text, "mysql"):  # Which is the worse of both.
            raise way_out_refused(text, what)
        raise committed(text)


def committed(statement: str | bytes | bytearray) -> IsolationError:
    """Return the error for a statement that ends the transaction of the test."""
    return IsolationError(
        f"{caller()} sent `{' '.join(_text(statement).split())[:60]}`, which commits on MySQL and "
        "MariaDB whatever the test did before it, so that it could not be rolled back.",
        "Mark the test with @pytest.mark.real_commits, which gives it a database of its own.",
    )


def may_commit(statement: str | bytes | bytearray) -> bool:
    """Tell whether a statement is none of those that never commit."""
    return _may_commit(_text(statement))


@lru_cache(maxsize=1024)
def _may_commit(text: str) -> bool:
    return NEVER_COMMITS.match(code_of(text)) is None


def refuse_other_databases(statement: str | bytes | bytearray, own: str) -> None:
    """Refuse a statement that names another database of the same server.

    Args:
        statement: What is about to be sent.
        own: The test database; empty while the connection is made.

    Raises:
        DatabaseLockedError: It names one.
    """
    text = conditional_shown(_text(statement))
    if not own or not _others(text, own):
        return
    others = _others(NO_TABLES.sub(lambda found: found[1] or "''", text), own)
    if others:
        raise DatabaseLockedError(
            f"{caller()} named the database {others[0]} in `{' '.join(text.split())[:60]}`, which "
            f"is not the test database ({own}).",
            "Leave the name of the database out in tests: a table with a schema can be led to the "
            "test database with schema_translate_map.",
        )


def _others(text: str, own: str) -> list[str]:
    named = [match[1] or match[2] or match[3] for match in OTHER.finditer(text)]
    for tables in LIST.findall(text):
        named += OF_A_LIST.findall(tables)
    names = (part.strip("`") for part in named)
    return [name for name in names if name != own and name.lower() not in OF_THE_SERVER]


def _text(statement: str | bytes | bytearray) -> str:
    return statement if isinstance(statement, str) else statement.decode(errors="replace")
