"""Rows that several tests share by choice: what one commits is there for the next of them."""

from __future__ import annotations

from collections.abc import Sequence

from test_harness.errors import CommittedError, ConnectionLostError
from test_harness.isolation.outer import keep
from test_harness.isolation.savepoints import newest_kept
from test_harness.isolation.transactions import SharedConnection


class Sharing:
    """From its beginning on the tests of a class, or of a module, see what those before committed.

    Args:
        connections: All that are shared; on those that are opened later nothing stood before.
        wider: Scopes of fixtures that outlive it.
    """

    def __init__(self, connections: Sequence[SharedConnection], wider: Sequence[str]) -> None:
        self._connections = connections
        self.wider = wider
        self._before = {one: newest_kept(one.savepoints) for one in connections}

    def settle(self, one: SharedConnection) -> None:
        """Undo what a test did not commit, and keep the rest, from synchronous code.

        Raises:
            ConnectionLostError: There is no connection any more.
            CommittedError: The test committed past the harness.
        """
        with one.lock:
            if not one.begun:
                return
            if not one.real.in_transaction():
                raise CommittedError
            known = one.savepoints
            open_ = next((it for it in known if it.state == "open" and it.wrote), None)
            if open_ is not None:
                del known[known.index(open_) :]
                back = f"ROLLBACK TO SAVEPOINT {open_.name}"
                try:
                    one.real.from_outside(lambda: one.real.execute(back))
                except Exception as error:  # noqa: BLE001 - whatever it is, the session is gone
                    raise ConnectionLostError(error) from None
            keep(one)

    def leave(self) -> None:
        """Have the next rollback undo all of it."""
        for one in self._connections:
            with one.lock:
                before = self._before.get(one)
                for known in reversed(one.savepoints):
                    if known is before:
                        break
                    known.state = "committed"
