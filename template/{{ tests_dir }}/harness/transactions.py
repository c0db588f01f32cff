"""The application's transactions as savepoints inside one outer transaction that is rolled back.

One real connection serves every engine of a driver. What the application takes for a transaction
is a savepoint, so it can commit and roll back as it likes, in several sessions at once, and
nothing outlives the test. A commit sends nothing, so transactions can end in any order, and one
that only read is not rolled back at all. The one thing a single connection cannot give: rolling a
transaction back also undoes what others committed since it began, which is warned of.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

from sqlalchemy.pool import PoolProxiedConnection

from harness.callers import caller
from harness.drivers import Driver
from harness.errors import IsolationWarning

TRANSACTION = "test-harness transaction"
AUTOCOMMIT = "test-harness autocommit"

READS = ("SELECT", "SHOW", "PRAGMA", "EXPLAIN", "SAVEPOINT", "RELEASE")

Result = TypeVar("Result")


@dataclass(eq=False)
class Savepoint:
    """One savepoint on the server, and the transaction of the application that uses it.

    `state` is `open` while the transaction runs, `committed` once it has committed (the RELEASE is
    sent with the next SAVEPOINT, in one round trip), and `clean` after a rollback to it, when the
    next transaction can use it as it is.
    """

    name: str
    state: str = "open"
    wrote: bool = False


class SharedConnection:
    """One real connection, its outer transaction, and the savepoints inside it.

    Args:
        driver: The real connection, whose own transaction control is switched off.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.connecting = True
        self._lock = threading.RLock()
        self._begun = False
        self._controlling = False
        self._savepoints: list[Savepoint] = []
        self._raw: Any = SimpleNamespace(record_info={})

    def begin(self, proxy: PoolProxiedConnection) -> None:
        """Begin a transaction of the application on the pooled connection `proxy`."""
        with self._lock:
            if self._savepoints and self._savepoints[-1].state == "clean":
                savepoint = self._savepoints[-1]
                savepoint.state, savepoint.wrote = "open", False
            else:
                statements = [] if self._begun else ["BEGIN"]
                statements += self._release_committed()
                savepoint = Savepoint(f"test_harness_{len(self._savepoints) + 1}")
                self._control(self.driver.execute, *statements, f"SAVEPOINT {savepoint.name}")
                self._begun = True
                self._savepoints.append(savepoint)
            _info(proxy)[TRANSACTION] = savepoint

    def commit(self, proxy: PoolProxiedConnection) -> None:
        """Keep what the transaction on `proxy` did."""
        with self._lock:
            savepoint = _info(proxy).pop(TRANSACTION, None)
            if savepoint in self._savepoints:
                savepoint.state = "committed"

    def rollback(self, proxy: PoolProxiedConnection) -> None:
        """Undo what the transaction on `proxy` did; one that is gone already is passed over."""
        with self._lock:
            if _info(proxy).get(AUTOCOMMIT):
                self.commit(proxy)
                return
            savepoint = _info(proxy).pop(TRANSACTION, None)
            if savepoint in self._savepoints:
                self._undo(savepoint)

    def note_autocommit(self, proxy: PoolProxiedConnection, autocommit: bool) -> None:
        """Remember whether each statement on `proxy` is a transaction of its own."""
        _info(proxy)[AUTOCOMMIT] = autocommit

    def execute(
        self, proxy: PoolProxiedConnection, statement: str, send: Callable[[], Result]
    ) -> Result | None:
        """Send a statement of the application within its transaction.

        Returns:
            What `send` returns, None when the statement only began or ended a transaction.
        """
        command = statement.lstrip()[:24].upper()
        if command.startswith(("BEGIN", "START TRANSACTION")):
            return None
        if command.startswith(("COMMIT", "END")):
            self.commit(proxy)
            return None
        if command.startswith("ROLLBACK") and not command.startswith("ROLLBACK TO"):
            self.rollback(proxy)
            return None
        info = _info(proxy)
        if info.get(AUTOCOMMIT):
            self.commit(proxy)
        # Gone after a COMMIT in SQL, and in a session that an earlier test left open.
        if info.get(TRANSACTION) not in self._savepoints:
            self.begin(proxy)
        savepoint = info[TRANSACTION]
        savepoint.wrote = savepoint.wrote or not command.startswith(READS)
        try:
            return send()
        except BaseException:
            # On PostgreSQL a failed statement spoils the transaction, even one that only read.
            savepoint.wrote = True
            if info.get(AUTOCOMMIT):
                self._undo(savepoint)
            raise

    def before_raw_cursor(self) -> None:
        """Begin a transaction for whoever works on the driver's connection, past SQLAlchemy."""
        busy = self.connecting or self._controlling
        if not busy and all(savepoint.state != "open" for savepoint in self._savepoints):
            self.begin(self._raw)

    def raw_commit(self) -> None:
        """Keep what was done past SQLAlchemy."""
        self.commit(self._raw)

    def raw_rollback(self) -> None:
        """Undo what was done past SQLAlchemy since the last raw commit."""
        if savepoint := self._raw.record_info.get(TRANSACTION):
            savepoint.wrote = True
            self.rollback(self._raw)

    def end(self) -> None:
        """Roll the outer transaction back, from synchronous code."""
        with self._lock:
            if self._begun:
                self._begun = False
                self._savepoints.clear()
                self._control(self.driver.execute_from_outside, "ROLLBACK")

    def _undo(self, savepoint: Savepoint) -> None:
        if not savepoint.wrote:
            savepoint.state = "committed"
            return
        inside = self._savepoints.index(savepoint) + 1
        if any(other.wrote and other.state == "committed" for other in self._savepoints[inside:]):
            warnings.warn(
                f"{caller()} rolled back a transaction that began before another one committed, "
                "and on the one connection of the tests that undid both. Fix: commit or close the "
                "first before the second begins.",
                IsolationWarning,
                stacklevel=2,
            )
        del self._savepoints[inside:]
        self._control(self.driver.execute, f"ROLLBACK TO SAVEPOINT {savepoint.name}")
        savepoint.state = "clean"

    def _control(self, send: Callable[..., None], *statements: str) -> None:
        """Send statements of the harness, which raw cursors are not to be mistaken for."""
        self._controlling = True
        try:
            send(*statements)
        finally:
            self._controlling = False

    def _release_committed(self) -> list[str]:
        outermost = None
        while self._savepoints and self._savepoints[-1].state == "committed":
            outermost = self._savepoints.pop()
        return [f"RELEASE SAVEPOINT {outermost.name}"] if outermost else []


def _info(proxy: PoolProxiedConnection) -> dict[Any, Any]:
    """Return what SQLAlchemy keeps for the pooled connection, across its checkouts."""
    info = proxy.record_info
    return {} if info is None else info
