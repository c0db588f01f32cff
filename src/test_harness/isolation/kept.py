"""Rows that outlive the test that wrote them, for later ones, until somebody lets go of them."""

from __future__ import annotations

from collections.abc import Sequence

from test_harness.isolation.outer import keep
from test_harness.isolation.savepoints import Savepoint
from test_harness.isolation.transactions import SharedConnection


class KeptRows:
    """What was written once for several tests, and is there for as long as nothing ends it.

    A fixture's rows are promised to its tests (`Rows.keep`). These may go at any time, and go where
    another one keeps rows: who wrote them asks whether they are there, and writes them anew if not.

    Args:
        connections: All that are shared.
    """

    def __init__(self, connections: Sequence[SharedConnection]) -> None:
        self._connections = connections
        self._kept: dict[SharedConnection, Savepoint] = {}
        self._owner: object = None

    def are_there(self, owner: object) -> bool:
        """Tell whether they are, in a session that no test has changed since.

        Args:
            owner: Who had them kept.
        """
        return (
            bool(self._kept)
            and self._owner is owner
            and all(
                one in self._connections
                and savepoint in one.savepoints
                and one.real.in_transaction()
                and not one.outlived_by
                for one, savepoint in self._kept.items()
            )
        )

    @property
    def has_promised(self) -> bool:
        """Whether rows of fixtures are kept as well, which are nowhere else."""
        return any(
            known.state == "kept" and known is not self._kept.get(one)
            for one in self._connections
            for known in one.savepoints
        )

    @property
    def would_have_more(self) -> bool:
        """Whether something was written since the last rollback, which would be kept as well."""
        return any(one.wrote or one.raw.savepoint is not None for one in self._connections)

    def keep(self, owner: object) -> None:
        """Have what was written since the last rollback outlive it, and let go of what was kept.

        Args:
            owner: Who has it kept.
        """
        self.let_go()
        self._owner = owner
        self._kept = {one: one.savepoints[-1] for one in self._connections if keep(one)}

    def let_go(self) -> bool:
        """Have the next rollback undo them; tell whether there are any."""
        kept, self._kept = self._kept, {}
        for one, savepoint in kept.items():
            with one.lock:
                savepoint.state = "committed"
        return bool(kept)
