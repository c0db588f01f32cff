"""What the one connection of the tests cannot give: noted, and said of the test that asked for it.

A test that is going to be begun anew on connections of its own is not warned of, for there it gets
what it asks for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from test_harness.databases.database import Database
from test_harness.errors import IsolationWarning
from test_harness.isolation.wishes import Wish
from test_harness.lock.callers import caller

MARK = "mark the test with @pytest.mark.real_commits"
UNDID_OTHERS = Wish(
    "rolled back a transaction that began before another one wrote, and on the one connection of "
    "the tests that undid both",
    is_certain=True,
)
SECOND_DRIVER = Wish(
    "works with a second driver in a test that wrote through another one, and cannot see what that "
    "wrote",
    is_certain=True,
)
ROLLED_BACK_ALL = Wish(
    "had the database roll back all that the test did, also what was committed before (OR ROLLBACK "
    "does, and a full disk)",
    is_certain=True,
)


@dataclass(frozen=True)
class Asked:
    """What a test asked for in vain, with the line that did, and whether that matters anyhow."""

    said: str
    is_certain: bool


class OneConnection:
    """Notes the first thing that a test asks for in vain."""

    def __init__(self) -> None:
        self.asked: Asked | None = None
        self._first: dict[Wish, object] = {}
        self.begins_anew: Callable[[], bool] = _never
        """Tells whether a test that asks for something now can be begun anew."""
        self.is_for_all = False
        self._undoes_all = False
        self.wish: Wish | None = None
        """What the test asked for, kept while it is begun anew."""
        self.levels: dict[Database, str] = {}
        """The isolation levels that engines have on databases, where it is not the usual one."""

    def opening(self, database: Database) -> Sequence[str]:
        """Return what begins the transaction of a test on a database."""
        level = self.levels.get(database)
        if level is None:
            return ("BEGIN",)
        if database.engine == "postgresql":
            return (f"BEGIN ISOLATION LEVEL {level}",)
        return (f"SET TRANSACTION ISOLATION LEVEL {level}", "BEGIN")

    def begin(
        self, begins_anew: Callable[[], bool] | None = None, wish: Wish | None = None
    ) -> None:
        """Forget what was asked for before a test.

        Args:
            begins_anew: Tells, when something is asked for, whether the test can be begun anew.
            wish: What it asked for, if it is begun anew.
        """
        self.asked, self.begins_anew, self.wish = None, begins_anew or _never, wish
        self._first.clear()

    def stay(self) -> None:
        """Have the test not be begun anew: it takes rows back to where they stood within it."""
        self.begins_anew = _never

    @contextmanager
    def for_all(self) -> Iterator[None]:
        """Within the block engines connect for all tests, before the first one."""
        self.is_for_all = True
        try:
            yield
        finally:
            self.is_for_all = False

    @contextmanager
    def undoing_all(self) -> Iterator[None]:
        """Within the block a rollback is meant to undo what others wrote as well."""
        self._undoes_all = True
        try:
            yield
        finally:
            self._undoes_all = False

    def cannot(self, wish: Wish, fix: str = "") -> None:
        """Note what is asked for now, and warn of it unless the test is begun anew.

        Args:
            wish: What it is.
            fix: What else there is to do about it.
        """
        if self._undoes_all and wish is UNDID_OTHERS:
            return
        if self.asked is not None and (self.asked.is_certain or not wish.is_certain):
            return
        said = f"{caller()} {wish.said}"
        self.asked, self.wish = Asked(said, wish.is_certain), wish
        if wish.is_certain and not self.begins_anew():
            warnings.warn(f"{said}. Fix: {fix}{MARK}.", IsolationWarning, stacklevel=4)

    def asked_by(self, wish: Wish, transaction: object) -> None:
        """Note that a transaction asks for what a second one does not get.

        Args:
            wish: What it is.
            transaction: The transaction.
        """
        if self._first.setdefault(wish, transaction) is not transaction and not wish.is_certain:
            self.cannot(wish)


def _never() -> bool:
    return False


one_connection = OneConnection()
opening = one_connection.opening
