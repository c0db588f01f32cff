"""What one connection with one transaction around a test cannot give, read in what is sent.

Some of it shows in a single statement. The rest matters only where a second transaction of the
test asks for the same, and then only to a test that sees it: PostgreSQL's `now()` is the time at
which a transaction began, and a lock keeps others out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from test_harness.isolation import local_settings
from test_harness.isolation.savepoints import names_savepoint
from test_harness.isolation.statements import calls_of, code_of, kind_of, outlives, without_opaque
from test_harness.isolation.ways_out import way_out


class Wish(NamedTuple):
    """What is asked for.

    `is_certain` is whether one transaction that asks for it gets something else; of the others the
    second one does.
    """

    said: str
    is_certain: bool = False


class Traits(NamedTuple):
    """What a statement does: found out once, however often it is sent.

    `table` is the one that it adds rows to, and `makes` the function or view that it makes, in
    small letters; `way_out` is what it has the server reach that is not of the test. `is_plain`
    is whether there is nothing to refuse, and nothing to note before it is sent; `sets_locally`
    whether it may set something for its transaction alone, and `names_savepoint` whether it is
    about a savepoint of the application's own.
    """

    kind: str
    outlives: bool
    calls: frozenset[str]
    wish: Wish | None
    table: str
    makes: str
    way_out: str
    is_plain: bool
    sets_locally: bool
    names_savepoint: bool


READ_ONLY = Wish("asked for a read-only transaction", is_certain=True)
DEFERRABLE = Wish("asked for a deferrable transaction", is_certain=True)
LISTENS = Wish("listens for what is notified of when a transaction commits", is_certain=True)
BUSY = Wish(
    "works synchronously on the connection of the tests while a task awaits an answer there",
    is_certain=True,
)
DETACHED = Wish("detached a connection from its pool", is_certain=True)
CLOCK = Wish("had two transactions take their time from PostgreSQL, whose now() is when one began")
STAGING = Wish("made in two transactions temporary tables that end with theirs")
LOCKS = Wish("took locks in two transactions, of which one is to wait for the other")
NUMBER = Wish("asked for the numbers of two transactions")

# What each engine has where nobody asks for another one.
_LEVELS = {
    "postgresql": {"REPEATABLE READ", "SERIALIZABLE"},
    "mysql": {"READ UNCOMMITTED", "READ COMMITTED", "SERIALIZABLE"},
}
_OF_TRANSACTION = re.compile(
    r"(?:SET\s+(?:SESSION\s+CHARACTERISTICS\s+AS\s+|SESSION\s+|LOCAL\s+)?TRANSACTION\b"
    r"|BEGIN\b|START\s+TRANSACTION\b)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_LEVEL = re.compile(
    r"ISOLATION\s+LEVEL\s+(\w+(?:\s+(?:READ|COMMITTED|UNCOMMITTED))?)", re.IGNORECASE
)
_ROW_LOCK = r"\bFOR\s+(?:NO\s+KEY\s+|KEY\s+)?(?:UPDATE|SHARE)\b"
_SHOWN = {
    "postgresql": (
        (re.compile(r"LISTEN\b", re.IGNORECASE), LISTENS),
        (
            re.compile(
                r"CREATE\s+(?:LOCAL\s+|GLOBAL\s+)?TEMP\w*\s.*\bON\s+COMMIT\s+(?:DROP|DELETE)\b",
                re.IGNORECASE | re.DOTALL,
            ),
            STAGING,
        ),
        (
            re.compile(
                rf".*?(?:\bpg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\s*\(|{_ROW_LOCK})",
                re.IGNORECASE | re.DOTALL,
            ),
            LOCKS,
        ),
        (
            re.compile(
                r".*?\b(?:txid_current|pg_current_xact_id)(?:_if_assigned)?\s*\(",
                re.IGNORECASE | re.DOTALL,
            ),
            NUMBER,
        ),
        (
            re.compile(
                r".*?\b(?:(?:now|transaction_timestamp)\s*\(\s*\)"
                r"|(?:current_timestamp|current_time|localtimestamp|localtime)\b)",
                re.IGNORECASE | re.DOTALL,
            ),
            CLOCK,
        ),
    ),
    "mysql": (
        (
            re.compile(
                rf".*?(?:\bGET_LOCK\s*\(|\bLOCK\s+IN\s+SHARE\s+MODE\b|{_ROW_LOCK})",
                re.IGNORECASE | re.DOTALL,
            ),
            LOCKS,
        ),
    ),
}  # fmt: skip
_MADE = re.compile(
    r'CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP\w*\s+)?(?:FUNCTION|VIEW)\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)',
    re.IGNORECASE,
)
_INSERT = re.compile(r'INSERT\s+INTO\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)', re.IGNORECASE)


@lru_cache(maxsize=1024)
def traits_of(statement: str, engine: str) -> Traits:
    """Return what a statement does on an engine, and asks for."""
    code = code_of(statement)
    found, made = _INSERT.match(code), _MADE.match(code)
    kind, wish, out = kind_of(statement), _wish(code, engine), way_out(statement, engine)
    is_refused = bool(out) or kind in {"script", "two-phase"}
    return Traits(
        kind,
        outlives(statement, engine),
        calls_of(statement),
        wish,
        found[1].lower() if found else "",
        made[1].lower() if made else "",
        out,
        not (is_refused or made or (wish is not None and wish.is_certain)),
        engine == "postgresql" and local_settings.may_set(statement),
        names_savepoint(statement),
    )


def level_wish(level: str, engine: str) -> Wish | None:
    """Return what is asked for with an isolation level, None for what there is anyhow."""
    name = " ".join(level.upper().replace("_", " ").split())
    if name not in _LEVELS.get(engine, ()):
        return None
    return Wish(f"asked for the isolation level {name}", is_certain=True)


def _wish(code: str, engine: str) -> Wish | None:
    if engine not in _SHOWN:
        return None
    if begun := _OF_TRANSACTION.match(code):
        return _wish_of_modes(without_opaque(begun[1]).upper(), engine)
    plain = without_opaque(code)
    return next((wish for shown, wish in _SHOWN[engine] if shown.match(plain)), None)


def _wish_of_modes(modes: str, engine: str) -> Wish | None:
    level = _LEVEL.search(modes)
    if level and (wish := level_wish(level[1], engine)):
        return wish
    if re.search(r"READ\s+ONLY", modes):
        return READ_ONLY
    return DEFERRABLE if re.search(r"(?<!NOT )DEFERRABLE", modes) else None
