"""The one transaction around a test, which the harness alone begins, rolls back, or has outlived.

What the application takes for transactions are savepoints inside of it (`transactions.py`).
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.util import await_only

from test_harness.errors import (
    BrokenRowsError,
    CommittedError,
    ConnectionLostError,
    IsolationError,
)
from test_harness.isolation.drivers.real import AsyncConnection
from test_harness.isolation.one_connection import ROLLED_BACK_ALL, one_connection
from test_harness.isolation.raw import Shared
from test_harness.isolation.savepoints import Savepoint, newest_kept


def begin_again(shared: Shared) -> None:
    """Begin what the database ended by itself, as SQLite does on OR ROLLBACK or a full disk."""
    if not shared.begun or shared.real.in_transaction():
        return
    # What a mark was set after is gone.
    shared.savepoints[:] = [known for known in shared.savepoints if known.state != "mark"]
    shared.real.execute("BEGIN", *(f"SAVEPOINT {known.name}" for known in shared.savepoints))
    if shared.has_committed:
        one_connection.cannot(ROLLED_BACK_ALL)


def begin_after_the_test(shared: Shared) -> None:
    """Begin for a thread that was about to send something when a test ended."""
    if not shared.begun and not shared.connecting:
        shared.begun = True
        shared.real.execute("BEGIN")


def keep(shared: Shared) -> bool:
    """Have what was written so far outlive the tests to come; tell whether anything was."""
    with shared.lock:
        has_written = shared.wrote or shared.raw.savepoint is not None
        if has_written:
            shared.wrote = False
            kept = Savepoint(f"test_harness_{len(shared.savepoints) + 1}", "kept")
            shared.savepoints.append(kept)
            with suppress(shared.real.dbapi.Error):  # A connection that is lost is for `end`.
                shared.real.from_outside(lambda: shared.real.execute(f"SAVEPOINT {kept.name}"))
        return has_written


def end(shared: Shared) -> None:
    """Roll back what was written since the last call, from synchronous code.

    Raises:
        ConnectionLostError: There is no connection any more.
        CommittedError: The test committed past the harness.
        BrokenRowsError: The test left rows that break a deferred constraint.
    """
    if shared.begun:
        real, traffic = shared.real, shared.traffic
        call = real.from_outside if traffic.is_quiet else real.beside_tasks
        call(lambda: traffic.alone(lambda: _end(shared), shared.lock))


def probe(shared: Shared) -> None:
    """See whether there still is a connection, between two tests.

    Raises:
        ConnectionLostError: There is none.
    """
    with shared.lock:
        # Where a transaction is open, a second BEGIN would commit it on MySQL.
        if not shared.begun:
            shared.begun = True
            with suppress(Exception):
                shared.real.from_outside(lambda: shared.real.execute("BEGIN"))
    end(shared)


def close(shared: Shared) -> None:
    """Close the real connection, from synchronous code."""
    real = shared.real
    if isinstance(real, AsyncConnection):
        real.guard(None)
        real.from_outside(lambda: await_only(real.close_in_loop()))
    else:
        real.end(shared.lock)


def _end(shared: Shared) -> None:
    shared.wrote = shared.has_committed = False
    problem: IsolationError | None = None if shared.real.in_transaction() else CommittedError()
    kept = None if problem else newest_kept(shared.savepoints)
    if shared.checks_when_ending:
        try:
            shared.real.check_deferred_constraints()
        except shared.real.dbapi.IntegrityError as error:
            problem = BrokenRowsError(error)
        except shared.real.dbapi.Error:
            pass  # The transaction failed in the test, which has been told.
    shared.begun = kept is not None
    del shared.savepoints[shared.savepoints.index(kept) + 1 if kept else 0 :]
    try:
        shared.real.execute(f"ROLLBACK TO SAVEPOINT {kept.name}" if kept else "ROLLBACK")
    except Exception as error:  # noqa: BLE001 - whatever it is, the session is gone
        raise ConnectionLostError(error) from None
    if problem is not None:
        raise problem
