"""Begins what has ended while somebody was about to send something."""

from __future__ import annotations

from test_harness.isolation.one_connection import ROLLED_BACK_ALL, one_connection
from test_harness.isolation.raw import Shared


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
