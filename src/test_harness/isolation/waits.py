"""No engine waits for another without a limit; who waited in vain is told for whom.

Two engines of an application may well be meant for two databases. Led to one, each may hold in its
transaction what the other needs, and neither ever goes on.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import StatementError

from test_harness.databases.database import Database
from test_harness.errors import HarnessError
from test_harness.lock.callers import caller

# PostgreSQL's lock_not_available, and ER_LOCK_WAIT_TIMEOUT of MySQL.
SQLSTATE, NUMBER = "55P03", 1205
SHOWN = 200
# libpq's PQTRANS_ACTIVE.
IS_RUNNING = 1
IN_VAIN = "waited in vain for a lock in"


@dataclass(frozen=True)
class Session:
    """One connection: what was asked for, by which line, and where it leads.

    `number` is what the server calls it.
    """

    number: int
    asked: str
    line: str
    database: Database


class Waits:
    """Limits how long connections wait, and knows them when one of them has waited in vain."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()
        self._numbers = count(1)

    def limit(self, connection: DBAPIConnection, database: Database, asked: str) -> None:
        """Have a connection that was just opened wait for a moment, and not for ever.

        Args:
            connection: As SQLAlchemy knows it; of an asynchronous driver, in a greenlet.
            database: Where it leads.
            asked: The address that was asked for, as people may see it.
        """
        number = next(self._numbers)
        if database.when_opened:
            cursor = connection.cursor()
            for statement in database.when_opened:
                cursor.execute(statement)
            [number] = cursor.fetchone() or [number]
            cursor.close()
            connection.commit()
        self._sessions[_native(connection)] = Session(number, asked, caller(), database)

    def database_of(self, connection: Any) -> Database | None:
        """Return where a connection leads, None for one that was not opened here."""
        known = self._sessions.get(_native(connection))
        return known.database if known else None

    def end_statements(self) -> None:
        """Have PostgreSQL end what it still runs, asked for by another thread than this one.

        libpq waits for an answer where no signal is heard: nothing of Python interrupts it.
        """
        for native in list(self._sessions):
            with suppress(Exception):  # Its own thread may close it at this moment.
                if hasattr(native, "pgconn"):
                    if native.pgconn.transaction_status == IS_RUNNING:
                        native.pgconn.get_cancel().cancel()
                elif native.get_transaction_status() == IS_RUNNING:  # psycopg2's
                    native.cancel()

    def explain(self, context: ExceptionContext) -> None:
        """Add to an error of a lock that was waited for who holds it."""
        connection, error = context.connection, context.sqlalchemy_exception
        if connection is None or not isinstance(error, StatementError):
            return
        if not _waited(context.original_exception):
            return
        native = _native(connection.connection.dbapi_connection)
        waiting = self._sessions.get(native)
        if waiting is None:
            return
        beside = {
            known.number: other
            for other, known in list(self._sessions.items())
            if known.database is waiting.database and other is not native
        }
        try:
            blockers = waiting.database.blockers(beside)
        except HarnessError:
            return  # The server has no more to say, and the error stands for itself.
        for number, statement in blockers.items():
            blocker = self._sessions[beside[number]]
            last = f", whose last statement is {' '.join(statement.split())[:SHOWN]!r}"
            error.add_detail(
                f"The engine for {waiting.asked}, at {caller()}, {IN_VAIN} "
                f"{waiting.database.shown}; a transaction is open there on the engine for "
                f"{blocker.asked}, connected at {blocker.line}{last if statement else ''}"
            )


def _native(connection: Any) -> Any:
    return getattr(connection, "driver_connection", connection)


def _waited(error: BaseException) -> bool:
    code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    is_number = bool(error.args) and error.args[0] == NUMBER
    return code == SQLSTATE or is_number or "is locked" in str(error)
