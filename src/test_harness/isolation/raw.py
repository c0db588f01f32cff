"""Work on the driver itself, past SQLAlchemy: `engine.raw_connection()`, COPY, cursors."""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, Protocol

from test_harness.databases.database import Database
from test_harness.isolation.reading import Reading
from test_harness.isolation.savepoints import TRANSACTION, Savepoint
from test_harness.isolation.wishes import Traits


class Shared(Protocol):
    """What drivers, and work past SQLAlchemy, know of a connection that tests share."""

    real: Any
    database: Database
    raw: RawWork
    lock: threading.RLock
    turn: AbstractContextManager[Any]
    begun: bool
    wrote: bool
    has_committed: bool
    checks_when_ending: bool
    outlived_by: str
    savepoints: list[Savepoint]

    @property
    def connecting(self) -> Collection[Any]:
        """Pooled connections that `connect` listeners are at work on."""

    @property
    def is_sending(self) -> bool:
        """Whether SQLAlchemy sends a statement now, or sets a connection up."""

    @property
    def traffic(self) -> Any:
        """What is on its way."""

    @property
    def reading(self) -> Reading:
        """What reads statements before they are sent."""

    def read(self, statement: str) -> Traits:
        """Return what a statement that is about to be sent does to its transaction."""

    def begin(self, proxy: Any) -> None:
        """Begin a transaction of the application."""

    def commit(self, proxy: Any) -> None:
        """Keep what it did."""

    def undo(self, savepoint: Savepoint) -> None:
        """Roll back to a savepoint."""


class RawWork:
    """The transaction of whoever works past SQLAlchemy on a connection that tests share."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._proxy: Any = SimpleNamespace(record_info={})
        # Whether something was written since somebody asked last.
        self.wrote = False

    @property
    def savepoint(self) -> Savepoint | None:
        """What the transaction has become, None where there is none."""
        savepoint = self._proxy.record_info.get(TRANSACTION)
        return savepoint if savepoint in self._shared.savepoints else None

    @property
    def is_apart(self) -> bool:
        """Whether a statement that is sent now belongs to no transaction of SQLAlchemy's."""
        return not self._shared.connecting and self._newest_open is None

    @property
    def began(self) -> bool:
        """Whether something was done since the last commit."""
        return self.savepoint is not None and self.savepoint.state == "open"

    def begin(self) -> None:
        """Begin a transaction, unless there is one already."""
        if self.is_apart:
            self._shared.begin(self._proxy)

    def takes(self, statement: Any) -> bool:
        """Take a statement that passes by the driver, unless SQLAlchemy sends it.

        One that writes counts for the newest transaction.

        Returns:
            Whether it only begins or ends a transaction, and so is not to be sent.
        """
        if self._shared.is_sending:
            return False
        if isinstance(statement, (bytes, bytearray)):
            statement = statement.decode(errors="replace")
        elif hasattr(statement, "as_string"):  # What psycopg composes of names and values.
            statement = statement.as_string(self._shared.real.native)
        kind = "write"
        if isinstance(statement, str):
            traits = self._shared.read(statement)
            self._shared.reading.follow(traits, self._newest_open)
            kind = traits.kind
        if kind == "commit":
            self.commit()
        elif kind == "rollback":
            self.rollback()
        elif kind == "begin" and not self._shared.real.begins_by_itself:
            self._shared.commit(self._proxy)
            self._shared.begin(self._proxy)
        elif kind == "write":
            self.wrote = True
            if newest := self._newest_open:
                newest.wrote = self._shared.wrote = True
        return kind in {"begin", "commit", "rollback"}

    def commit(self) -> None:
        """Keep what was done.

        Raises:
            The driver's IntegrityError: A deferred constraint does not hold.
        """
        self._shared.commit(self._proxy)
        # Some drivers do not tell when a cursor that is there already begins the next transaction.
        # What `connect` listeners set is for no transaction: SQLite passes over some of it in one.
        if self._shared.real.loop is None and not self._shared.connecting:
            self._shared.begin(self._proxy)
            self._proxy.record_info[TRANSACTION].state = "clean"

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        savepoint = self.savepoint
        if savepoint is not None:
            savepoint.wrote = True
            self._shared.undo(savepoint)

    @property
    def _newest_open(self) -> Savepoint | None:
        # Asked for with each cursor: a generator would take several times as long.
        for known in reversed(self._shared.savepoints):
            if known.state == "open":
                return known
        return None
