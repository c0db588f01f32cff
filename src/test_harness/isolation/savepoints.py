"""What the transactions of an application become: savepoints, and what is noted beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

# What is noted beside a pooled connection.
TRANSACTION = "test-harness transaction"
AUTOCOMMIT = "test-harness autocommit"
CONNECTING = "test-harness connecting"
USED = "test-harness used"
OF_THE_TESTS = "test-harness of the tests"


_STATEMENT = re.compile(
    r"(SAVEPOINT|RELEASE|ROLLBACK(?:\s+WORK|\s+TRANSACTION)?\s+TO)(?:\s+SAVEPOINT)?\s+(\S+?);?\s*$",
    re.IGNORECASE,
)


@dataclass(eq=False)
class Savepoint:
    """One savepoint on the server, and the transaction of the application that uses it.

    `state` is `open` while the transaction runs, `committed` once it has committed (the RELEASE is
    sent with the next SAVEPOINT, in one round trip), and `clean` after a rollback to it, when the
    next transaction can use it as it is. One that is `kept` is no transaction's: what was written
    before it, by a fixture for several tests, outlives them. `local` are the settings of PostgreSQL
    that the transaction has for itself alone, and `sender` has them be of who set them.
    """

    name: str
    state: str = "open"
    wrote: bool = False
    holds: bool = False
    local: list[str] = field(default_factory=list)
    sender: Sequence[str] = ()


class Within:
    """The savepoints that the application has set itself, within those of the tests.

    To go back to one of them, or to release it, ends on the server all that were set since, also
    those that the transactions of other sessions have become.
    """

    def __init__(self) -> None:
        # Each by its name, with how many of the tests' there were before it.
        self._known: list[tuple[str, int]] = []

    def follow(self, statement: str, savepoints: list[Savepoint]) -> None:
        """Take away those of the tests that a statement has ended.

        Args:
            statement: What the application has sent.
            savepoints: Those of the tests.
        """
        found = _STATEMENT.match(statement)
        if found is None:
            return
        self._known = [one for one in self._known if one[1] <= len(savepoints)]
        command, name = found[1].upper(), found[2].strip('"`').lower()
        if command == "SAVEPOINT":
            self._known.append((name, len(savepoints)))
            return
        at = next((n for n, it in reversed([*enumerate(self._known)]) if it[0] == name), None)
        if at is not None:
            del savepoints[self._known[at][1] :]
            # What is gone back to goes on to be there.
            del self._known[at + (command != "RELEASE") :]


def names_savepoint(statement: str) -> bool:
    """Tell whether a statement sets a savepoint, releases it or goes back to it."""
    return _STATEMENT.match(statement) is not None


def newest_kept(savepoints: Sequence[Savepoint]) -> Savepoint | None:
    """Return what a test is rolled back to: None where that is the beginning."""
    return next((known for known in reversed(savepoints) if known.state == "kept"), None)


def release_committed(savepoints: list[Savepoint]) -> list[str]:
    """Take away those at the end that are committed, and return what tells the server."""
    released: list[str] = []
    while savepoints and savepoints[-1].state == "committed":
        done = savepoints.pop()
        released = [f"RELEASE SAVEPOINT {done.name}"]
        if savepoints:
            savepoints[-1].holds |= done.wrote or done.holds
    return released


def take_away_since(savepoint: Savepoint, savepoints: list[Savepoint]) -> bool:
    """Take away those that were set since one, and tell whether what others wrote goes with them.

    Args:
        savepoint: What is gone back to, which stays.
        savepoints: All, this one among them.
    """
    inside = savepoints.index(savepoint) + 1
    others = savepoint.holds or any(one.wrote or one.holds for one in savepoints[inside:])
    del savepoints[inside:]
    savepoint.holds = False
    return others


def info_of(proxy: PoolProxiedConnection | ConnectionPoolEntry) -> dict[Any, Any]:
    """Return what SQLAlchemy keeps for the pooled connection, across its checkouts."""
    info = proxy.record_info
    return {} if info is None else info
