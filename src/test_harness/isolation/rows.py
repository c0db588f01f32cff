"""What tests write on the connections that they share: undone after each, or kept for others."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from test_harness.databases.database import Database
from test_harness.errors import CommittedError, ConnectionLostError, SessionWarning
from test_harness.isolation.drivers.set_up import SetUp
from test_harness.isolation.kept import KeptRows
from test_harness.isolation.marks import Mark
from test_harness.isolation.one_connection import one_connection
from test_harness.isolation.outer import close, end, keep, probe
from test_harness.isolation.savepoints import newest_kept
from test_harness.isolation.sharing import Sharing
from test_harness.isolation.transactions import SharedConnection


class Rows:
    """Undoes what tests write, on every driver, unless it is for several of them.

    Args:
        connections: All that are shared.
        forget: Has every engine connect anew where a connection led that is no more.
        renew: Called for a database that a test wrote to for good, when nobody is connected to it.
    """

    def __init__(
        self,
        connections: Sequence[SharedConnection],
        forget: Callable[[SharedConnection], None],
        renew: Callable[[Database], None],
    ) -> None:
        self._connections, self._forget, self._renew = connections, forget, renew
        self.shared_by_choice: Sharing | None = None
        """What is there of a test for the next one; None where tests are for themselves."""
        self.kept = KeptRows(connections)

    def keep(self) -> bool:
        """Have what was written since the last rollback outlive the tests to come.

        Returns:
            Whether anything was written.
        """
        kept = [keep(one) for one in self._connections]
        return any(kept)

    @contextmanager
    def sharing(self, wider: Sequence[str]) -> Iterator[None]:
        """Within the block tests share what is committed; fixtures of `wider` scopes outlive it."""
        self.roll_back()
        self.shared_by_choice = Sharing(self._connections, wider)
        try:
            yield
        finally:
            sharing, self.shared_by_choice = self.shared_by_choice, None
            sharing.leave()
            self.roll_back()

    def mark(self) -> Mark:
        """Return where the rows stand now, to go back there within the same test."""
        one_connection.stay()
        return Mark(self._connections, self._end)

    def roll_back(self, *, probes: bool = False) -> None:
        """Undo everything that was written since the last call, on every driver.

        Args:
            probes: Whether to see that connections live that nothing was written on.

        Raises:
            IsolationError: The test left something that could not be undone, or ought not to be.
        """
        for one in list(self._connections):
            self._end(one, probes=probes)

    def _end(self, one: SharedConnection, *, probes: bool = False) -> None:
        try:
            if self.shared_by_choice is not None:
                self.shared_by_choice.settle(one)
                return
            probe(one) if probes else end(one)
        except ConnectionLostError:
            self._forget(one)
            raise
        except CommittedError:
            self._replace(one)
            self._renew(one.database)  # What stayed behind goes with the database.
            raise
        if one.outlived_by or one.real.set_up.changed():
            self._replace_session(one)

    def _replace_session(self, one: SharedConnection) -> None:
        """Give the next test a session that knows nothing of this one."""
        statement, one.outlived_by = one.outlived_by or one.real.set_up.changed(), ""
        if newest_kept(one.savepoints) is not None:
            one.real.set_up = SetUp(one.real.native)
            warnings.warn(SessionWarning(statement), stacklevel=2)
        else:
            self._replace(one)

    def _replace(self, one: SharedConnection) -> None:
        self._forget(one)
        close(one)
