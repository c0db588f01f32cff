"""A child made by fork leaves the connection alone that tests share: it is its parent's.

On one connection nobody could tell whose answer comes back, and both would wait for it.
"""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext
from typing import Any, NoReturn
from weakref import WeakSet

from test_harness.errors import IsolationError
from test_harness.isolation.transactions import SharedConnection
from test_harness.lock.callers import caller

_known: WeakSet[SharedConnection] = WeakSet()


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
    """Have a connection left alone in children made by fork.

    One of SQLite is a file or memory of the child's own.
    """
    if shared.database.engine != "sqlite":
        _known.add(shared)


def _leave() -> None:
    left: Any = LeftBehind()
    for shared in list(_known):
        # Another thread of the parent may have held it, which the child has not.
        shared.lock = threading.RLock()
        shared.turn = nullcontext()
        shared.savepoints.clear()
        shared.real = left


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave)
