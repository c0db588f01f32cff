"""The application's transactions as savepoints inside one outer transaction that is rolled back.

One real connection serves every engine of a driver. What the application takes for a transaction
is a savepoint, so it can commit and roll back as it likes, in several sessions at once, and
nothing outlives the test. Sessions may interleave: a commit sends nothing, so savepoints can end
in any order. The one thing a single connection cannot give: rolling back a transaction also undoes
what others wrote since it began.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy.pool import PoolProxiedConnection

from harness.drivers import Driver

RECORD_KEY = "test-harness"


@dataclass(eq=False)
class Savepoint:
    """One savepoint on the server.

    `state` is `open` while a transaction of the application uses it, `committed` once that has
    committed (the RELEASE is sent with the next SAVEPOINT, in one round trip), and `clean` after a
    rollback to it, when the next transaction can use it as it is.
    """

    name: str
    state: str = "open"


class SharedConnection:
    """One real connection, its outer transaction, and the savepoints inside it.

    Args:
        driver: The real connection, in the driver's autocommit mode.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._lock = threading.RLock()
        self._begun = False
        self._savepoints: list[Savepoint] = []

    def ensure_begun(self) -> None:
        """Begin the outer transaction, for a session that was left open by an earlier test."""
        if not self._begun:
            with self._lock:
                self.driver.execute(*self._outer_begin())
                self._begun = True

    def begin(self, proxy: PoolProxiedConnection) -> None:
        """Begin a transaction of the application on the pooled connection `proxy`."""
        with self._lock:
            statements = [] if self._begun else self._outer_begin()
            if self._savepoints and self._savepoints[-1].state == "clean":
                savepoint = self._savepoints[-1]
                savepoint.state = "open"
            else:
                statements += self._release_committed()
                savepoint = Savepoint(f"test_harness_{len(self._savepoints) + 1}")
                statements.append(f"SAVEPOINT {savepoint.name}")
                self.driver.execute(*statements)
                self._begun = True
                self._savepoints.append(savepoint)
            _info(proxy)[RECORD_KEY] = savepoint

    def commit(self, proxy: PoolProxiedConnection) -> None:
        """Keep what the transaction on `proxy` did."""
        with self._lock:
            savepoint = _info(proxy).pop(RECORD_KEY, None)
            if savepoint in self._savepoints:
                savepoint.state = "committed"

    def rollback(self, proxy: PoolProxiedConnection) -> None:
        """Undo what the transaction on `proxy` did; one that is gone already is passed over."""
        with self._lock:
            savepoint = _info(proxy).pop(RECORD_KEY, None)
            if savepoint in self._savepoints:
                del self._savepoints[self._savepoints.index(savepoint) + 1 :]
                self.driver.execute(f"ROLLBACK TO SAVEPOINT {savepoint.name}")
                savepoint.state = "clean"

    def end(self) -> None:
        """Roll the outer transaction back, from synchronous code."""
        with self._lock:
            if self._begun:
                self._begun = False
                self._savepoints.clear()
                self.driver.execute_from_outside("ROLLBACK")

    def _outer_begin(self) -> list[str]:
        # SQLAlchemy's recipe for SQLite sends BEGIN from a listener of its own, ahead of ours.
        if self.driver.dialect.name == "sqlite" and self.driver.in_transaction:
            return []
        return ["BEGIN"]

    def _release_committed(self) -> list[str]:
        outermost = None
        while self._savepoints and self._savepoints[-1].state == "committed":
            outermost = self._savepoints.pop()
        return [f"RELEASE SAVEPOINT {outermost.name}"] if outermost else []


def _info(proxy: PoolProxiedConnection) -> dict[Any, Any]:
    """Return what SQLAlchemy keeps for the pooled connection, across its checkouts."""
    info = proxy.record_info
    return {} if info is None else info
