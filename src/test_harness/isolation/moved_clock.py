"""Has the databases take the time from the process, while a test asks for it.

What a test sends through SQLAlchemy is looked at before it is sent:

- On SQLite, the functions of dates give way to some that know the time of the process. An
  application's function takes the place of a built-in one: https://www.sqlite.org/appfunc.html
- On MySQL and MariaDB, `SET timestamp` moves `NOW()`, `CURRENT_TIMESTAMP` and defaults, but not
  `SYSDATE()`: https://mariadb.com/kb/en/server-system-variables/#timestamp
- On PostgreSQL nothing moves `now()`. It is replaced in each statement, and in the defaults of
  columns, within the transaction that is rolled back after the test.
"""

from __future__ import annotations

import atexit
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import time_machine
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from test_harness.databases.database import engine_of
from test_harness.isolation.roles import AS_TESTS
from test_harness.isolation.savepoints import CONNECTING, TRANSACTION, info_of
from test_harness.isolation.statements import replaced_in_code

# How many arguments SQLite's functions of dates have; any number is -1.
OF_SQLITE = {
    "current_timestamp": 0, "current_date": 0, "current_time": 0, "date": -1, "time": -1,
    "datetime": -1, "julianday": -1, "strftime": -1, "unixepoch": -1,
}  # fmt: skip
SHORT = {"current_timestamp": "datetime", "current_date": "date", "current_time": "time"}

OF_POSTGRESQL = re.compile(
    r"\b(?:(?:now|transaction_timestamp|statement_timestamp|clock_timestamp)\s*\(\s*\)"
    r"|(current_timestamp|current_date|current_time|localtimestamp|localtime)\b"
    r"(?:\s*\(\s*\d\s*\))?)",
    re.IGNORECASE,
)
TYPES = {
    "current_date": "::date", "current_time": "::timetz", "localtimestamp": "::timestamp",
    "localtime": "::time",
}  # fmt: skip
# Has the defaults that are the time read a setting, which is empty where the time is the server's.
MOVE_DEFAULTS = r"""
DO $test_harness$
DECLARE
    found record;
    said text;
BEGIN
    FOR found IN
        SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT ', d.adrelid::regclass, a.attname)
               AS head, pg_get_expr(d.adbin, d.adrelid) AS said
        FROM pg_attrdef d
        JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        JOIN pg_class c ON c.oid = d.adrelid AND c.relkind IN ('r', 'p')
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_'
        WHERE a.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) NOT LIKE '%test_harness.now%'
        AND pg_get_expr(d.adbin, d.adrelid) ~* (
            '\mnow\(\)|\m(transaction|statement|clock)_timestamp\(\)|\mcurrent_(date|time)'
            || '|\mlocaltime')
    LOOP
        said := regexp_replace(found.said, '\mCURRENT_DATE\M', '(now())::date', 'gi');
        said := regexp_replace(said, '\mCURRENT_TIME\M(\(\d\))?', '(now())::timetz', 'gi');
        said := regexp_replace(said, '\mLOCALTIMESTAMP\M(\(\d\))?', '(now())::timestamp', 'gi');
        said := regexp_replace(said, '\mLOCALTIME\M(\(\d\))?', '(now())::time', 'gi');
        said := regexp_replace(said, '\mCURRENT_TIMESTAMP\M(\(\d\))?', 'now()', 'gi');
        said := regexp_replace(
            said, '\m(transaction|statement|clock)_timestamp\(\)', 'now()', 'gi');
        said := regexp_replace(said, '\mnow\(\)', '(COALESCE(NULLIF(current_setting('
            || '''test_harness.now'', true), '''')::timestamptz, now()))', 'gi');
        EXECUTE found.head || said;
    END LOOP;
END
$test_harness$
"""


class MovedClock:
    """The clock of the databases that tests use: theirs, or that of the process."""

    def __init__(self) -> None:
        self._read: Callable[[], float] | None = None
        self._is_listening = False
        self._taught: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
        self._told: WeakKeyDictionary[Any, float | None] = WeakKeyDictionary()

    @contextmanager
    def taken_from(self, read: Callable[[], float]) -> Iterator[None]:
        """Within the block databases have the time that `read` returns, in seconds since 1970."""
        before, self._read = self._read, read
        if not self._is_listening:
            self._is_listening = True
            event.listen(Engine, "before_cursor_execute", self._before, retval=True)
            event.listen(Engine, "rollback", self._rolled_back)
        try:
            yield
        finally:
            self._read = before

    def stop(self) -> None:
        """Between two tests: let connections that were told a time have their own again."""
        # What PostgreSQL was told is rolled back with the test, whoever still listens.
        told, self._told = self._told, WeakKeyDictionary()
        for native in [one for one, moment in told.items() if moment is not None]:
            shared = getattr(native, "shared", None)
            if shared is not None and shared.database.engine == "mysql":
                shared.real.from_outside(_sender(shared, _of_mysql(None)))
        if self._read is None and self._is_listening:
            self._is_listening = False
            event.remove(Engine, "before_cursor_execute", self._before)
            event.remove(Engine, "rollback", self._rolled_back)

    def _before(  # noqa: PLR0917 - as SQLAlchemy calls it
        self,
        conn: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        native = _native(conn.connection.dbapi_connection)
        moment = None if self._read is None else self._read()
        engine = engine_of(conn.dialect.name)
        if engine == "sqlite" and native not in self._taught:
            self._taught[native] = True
            self._teach(native)
        elif engine == "mysql" and self._told.get(native) != moment:
            self._told[native] = moment
            _send(native, cursor, _of_mysql(moment))
        elif engine == "postgresql":
            self._move_postgresql(conn, native, moment)
            if moment is not None:
                statement = _with_time(statement, moment)
        return statement, parameters

    def _teach(self, native: sqlite3.Connection) -> None:
        """Give a connection functions that ask for the time each time they are called."""

        def now() -> str:
            read = self._read or _time_of_the_machine
            moment = datetime.fromtimestamp(read(), timezone.utc)
            return f"{moment:%Y-%m-%d %H:%M:%S.%f}"

        def function(name: str) -> Callable[..., Any]:
            at = 1 if name == "strftime" else 0

            def called(*given: Any) -> Any:
                is_now = len(given) == at or str(given[at]).lower() == "now"
                asked = [*given[:at], now(), *given[at + 1 :]] if is_now else given
                marks = ", ".join("?" * len(asked))
                found = _built_in().execute(f"SELECT {SHORT.get(name, name)}({marks})", asked)
                return found.fetchone()[0]

            return called

        for name, count in OF_SQLITE.items():
            # Others than deterministic ones are refused in CHECKs and generated columns.
            native.create_function(name, count, function(name), deterministic=True)

    def _move_postgresql(self, conn: Connection, native: Any, moment: float | None) -> None:
        shared, proxy = native.shared, conn.connection
        info = info_of(proxy)
        is_known = native in self._told
        if shared is None or CONNECTING in info or self._told.get(native) == moment:
            return
        # Outside of a transaction it would be for good.
        if info.get(TRANSACTION) not in shared.savepoints:
            shared.begin(proxy)
        self._told[native] = moment
        said = "" if moment is None else _iso(moment)
        setting = f"SELECT set_config('test_harness.now', '{said}', true)"
        # Which an application's role need not be allowed to.
        others = [AS_TESTS] if shared.database.policies.role else []
        shared.real.execute(*([] if is_known else [*others, MOVE_DEFAULTS]), setting)

    def _rolled_back(self, conn: Connection) -> None:
        # It took along what the server was told.
        if engine_of(conn.dialect.name) == "postgresql":
            self._told.pop(_native(conn.connection.dbapi_connection), None)


@cache
def _built_in() -> sqlite3.Connection:
    """Return a connection whose functions are those that the others had: nothing is taught it."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    atexit.register(connection.close)
    return connection


def _time_of_the_machine() -> float:
    hatch = time_machine.escape_hatch
    return hatch.time.time() if hatch.is_travelling() else time.time()


def _native(connection: Any) -> Any:
    """Return the driver's connection, which the adapters of asynchronous ones are around."""
    native = getattr(connection, "driver_connection", connection)
    # aiosqlite's is around one of the standard library.
    return native._conn if type(native).__name__ == "GuardedAiosqlite" else native


def _of_mysql(moment: float | None) -> str:
    return f"SET timestamp = {'DEFAULT' if moment is None else f'{moment:.6f}'}"


def _send(native: Any, cursor: Any, statement: str) -> None:
    if native.shared is None:
        cursor.execute(statement)
    else:
        native.shared.real.execute(statement)


def _sender(shared: Any, statement: str) -> Callable[[], None]:
    return lambda: shared.real.execute(statement)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


def _with_time(statement: str, moment: float) -> str:
    """Return a statement in which the time is a literal."""

    def literal(found: re.Match[str]) -> str:
        kind = TYPES.get((found[1] or "").lower(), "")
        return f"(TIMESTAMPTZ '{_iso(moment)}'){kind}"

    return replaced_in_code(statement, OF_POSTGRESQL, literal)


moved_clock = MovedClock()
