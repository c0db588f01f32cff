"""Reads what is about to be sent to a database, before it is sent."""

from __future__ import annotations

from functools import cached_property

from test_harness.databases.database import Database
from test_harness.errors import IsolationError
from test_harness.isolation.one_connection import one_connection
from test_harness.isolation.ways_out import way_out_refused
from test_harness.isolation.wishes import CLOCK, Traits, traits_of
from test_harness.lock.callers import caller

# Functions of servers themselves that write, which a rollback undoes.
WRITE = {
    "postgresql": ("lo_create", "lo_creat", "lo_from_bytea", "lo_put", "lo_unlink", "lowrite"),
}


class Reading:
    """Says what statements do to their transaction, and notes what they ask for in vain.

    Args:
        database: Where they go.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._engine = database, database.engine

    def of(self, statement: str) -> Traits:
        """Return what a statement does.

        Raises:
            IsolationError: It is one string of several statements that end one and go on.
            DatabaseLockedError: It leads out of the test database.
        """
        traits = traits_of(statement, self._engine)
        if not traits.is_plain:
            self._note(statement, traits)
        if traits.kind == "read" and traits.calls & self._functions:
            return traits._replace(kind="write")
        return traits

    def _note(self, statement: str, traits: Traits) -> None:
        if traits.way_out:
            raise way_out_refused(statement, traits.way_out)
        if traits.makes:
            self._functions |= {traits.makes}
        if traits.kind == "two-phase":
            raise two_phase_refused()
        if traits.kind == "script":
            raise IsolationError(
                f"{caller()} sent several statements in one string, and one of them begins or ends "
                f"a transaction: `{' '.join(statement.split())[:60]}`.",
                "Send them one by one, or mark the test with @pytest.mark.real_commits.",
            )
        if traits.wish is not None and traits.wish.is_certain:
            one_connection.cannot(traits.wish)

    def follow(self, traits: Traits, transaction: object) -> None:
        """Note what a transaction asks for, which a second one would not get."""
        if traits.wish is not None:
            one_connection.asked_by(traits.wish, transaction)
        elif traits.table and traits.table in self._clocked:
            one_connection.asked_by(CLOCK, transaction)

    @cached_property
    def _functions(self) -> set[str]:
        return {*self._database.functions(), *WRITE.get(self._engine, ())}

    @cached_property
    def _clocked(self) -> frozenset[str]:
        return self._database.clocked_tables()


def two_phase_refused() -> IsolationError:
    """Return the error for a transaction that is prepared to be committed by another connection."""
    return IsolationError(
        f"{caller()} began a two-phase transaction, which outlives its connection and so "
        "cannot be rolled back after the test.",
        "Make the session without twophase=True in tests.",
    )
