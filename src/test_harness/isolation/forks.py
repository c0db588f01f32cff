"""A child made by fork leaves the connection alone that tests share: it is its parent's.

On one connection nobody could tell whose answer comes back, and both would wait for it. Of SQLite
a child would have a copy of the memory, in which what it writes is nowhere else, or its parent's
transaction on one file; and the thread in which aiosqlite works is the parent's alone.
"""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext
from typing import Any, NoReturn, Protocol
from weakref import WeakSet

from test_harness.errors import IsolationError
from test_harness.isolation.traffic import Traffic
from test_harness.isolation.transactions import SharedConnection
from test_harness.lock.callers import caller

_known: WeakSet[SharedConnection] = WeakSet()
_locked: WeakSet[Locked] = WeakSet()
# Or their drivers would say goodbye to the server in their parent's name.
_kept: list[Any] = []


class Locked(Protocol):
    """What threads take turns in."""

    lock: threading.RLock


class LeftBehind:
    """Stands in a child for the real connection, which is its parent's."""

    begins_by_itself = False
    loop = None

    def __getattr__(self, name: str) -> NoReturn:
        raise IsolationError(
            f"{caller()} used the database in a child process made by fork, which cannot share "
            "the connection that the test is to be rolled back with.",
            "Mark the test with @pytest.mark.real_commits, where the child gets connections of its "
            "own, or do it in the test's own process.",
        )


def leave_in_children(shared: SharedConnection) -> None:
    """Have a connection left alone in children made by fork."""
    _known.add(shared)


def unlock_in_children(owner: Locked) -> None:
    """Have a lock be free in children made by fork, which another thread may have held."""
    _locked.add(owner)


def _leave() -> None:
    left: Any = LeftBehind()
    for shared in list(_known):
        # Another thread of the parent may have held it, which the child has not.
        shared.lock = threading.RLock()
        shared.turn, shared.traffic = nullcontext(), Traffic()
        shared.savepoints.clear()
        shared.connecting.clear()
        _kept.append(shared.real)
        shared.real = shared.reading = left
    for owner in list(_locked):
        owner.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave)
