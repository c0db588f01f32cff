"""Marks: where the rows of a test stand, to be taken back there as often as one likes.

A test that sends many requests, each of which is to find the same rows, sets a mark before the
first and goes back to it after each. What the application commits lies behind the mark, so it goes
as well; what was written before it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from test_harness.errors import IsolationError
from test_harness.isolation.savepoints import Savepoint
from test_harness.isolation.transactions import SharedConnection

MARK = "mark"


@dataclass(frozen=True)
class _Place:
    """Where one connection stood."""

    savepoint: Savepoint
    wrote: bool


class Mark:
    """Where the rows stand on every connection; for asynchronous ones to be used in a greenlet.

    Args:
        connections: All that are shared; those that are opened later had nothing written on them.
        end: Rolls a whole connection back, and has its database made anew where it cannot.
    """

    def __init__(
        self, connections: Sequence[SharedConnection], end: Callable[[SharedConnection], None]
    ) -> None:
        self._connections, self._end = connections, end
        self._places = {one: _place(one) for one in connections if one.begun}

    @property
    def wrote(self) -> bool:
        """Whether anything may have been written since."""
        return self.is_unseen or any(one.wrote for one in self._connections)

    @property
    def is_unseen(self) -> bool:
        """Whether something was written past SQLAlchemy."""
        return any(one.raw.wrote for one in self._connections)

    def abandon(self) -> None:
        """Undo what was begun since and neither committed nor rolled back, as a server would.

        Raises:
            CommittedError: There is no transaction any more.
        """
        for one in self._connections:
            with one.lock:
                for savepoint in [*self._since(one)]:
                    if savepoint.state == "open" and savepoint in one.savepoints:
                        one.undo(savepoint)

    def leave(self) -> None:
        """Have what was written since stay, as if there had been no mark."""
        for one, place in self._places.items():
            place.savepoint.state, place.savepoint.wrote = "committed", one.wrote
            one.wrote = one.wrote or place.wrote

    def go_back(self) -> None:
        """Undo all that was written since, whoever committed it.

        Raises:
            IsolationError: What was written before the mark is gone as well.
        """
        failures = [self._go_back(one) for one in [*self._connections]]
        for failure in filter(None, failures):
            raise failure

    def _go_back(self, one: SharedConnection) -> IsolationError | None:
        place = self._places.get(one)
        if place is not None and self._has_gone_back(one, place):
            return None
        try:
            # Says so where there is no transaction any more.
            self._end(one)
        except IsolationError as error:
            return error
        return None if place is None else UndoneError()

    def _has_gone_back(self, one: SharedConnection, place: _Place) -> bool:
        with one.lock:
            if place.savepoint not in one.savepoints or not one.real.in_transaction():
                return False
            if self._since(one) or one.wrote or one.raw.wrote:
                try:
                    one.real.execute(f"ROLLBACK TO SAVEPOINT {place.savepoint.name}")
                except Exception:  # noqa: BLE001 - whatever the driver says, it is not there
                    return False
            del one.savepoints[one.savepoints.index(place.savepoint) + 1 :]
            place.savepoint.state, one.wrote = "clean", place.wrote
            return True

    def _since(self, one: SharedConnection) -> Sequence[Savepoint]:
        place = self._places.get(one)
        if place is None:
            return one.savepoints
        if place.savepoint not in one.savepoints:
            return ()
        return one.savepoints[one.savepoints.index(place.savepoint) + 1 :]


class UndoneError(IsolationError):
    """What was written before a mark was undone after it."""

    def __init__(self) -> None:
        super().__init__(
            "A transaction that had begun before was rolled back, and all that was written since.",
            "End each session in the request that began it.",
        )


def _place(one: SharedConnection) -> _Place:
    with one.lock:
        savepoint = one.put(MARK)
        wrote, one.wrote, one.raw.wrote = one.wrote, False, False
    return _Place(savepoint, wrote)
