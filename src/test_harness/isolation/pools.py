"""What pools hold that nobody expects: connections from before the harness, and left by tests."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from test_harness.errors import DatabaseLockedError, IsolationWarning

# Who knows a connection in `give_back`: the note of it, the loop, and the call that counts.
OWN_REFERENCES = 3


def refuse_early_connections() -> None:
    """See to it that no engine has connected yet: what it holds, nobody can lead elsewhere.

    Raises:
        DatabaseLockedError: One has.
    """
    kinds = (Engine, ConnectionPoolEntry)
    found = [known for known in gc.get_objects() if issubclass(type(known), kinds)]
    open_ = [known for known in found if getattr(known, "dbapi_connection", None) is not None]
    for engine in (known for known in found if isinstance(known, Engine)):
        if any(engine.pool in gc.get_referents(record) for record in open_):
            raise DatabaseLockedError(
                f"An engine has been connected to {engine.url.render_as_string()} since before the "
                "harness was loaded.",
                "Connect in the application or in a fixture, not in a plugin of pytest or in what "
                "is imported before tests/conftest.py.",
            )


class LeftOpen:
    """What tests take from the pools of asynchronous engines and do not give back.

    SQLAlchemy would see to it when it is garbage, some time later, and complain to whichever test
    runs then. Kept alive here, it is given back after its own test.
    """

    def __init__(self) -> None:
        self._taken: dict[ConnectionPoolEntry, tuple[PoolProxiedConnection, str]] = {}

    def take(self, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        """Note that the test takes a connection."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" (", 1)[0]
        self._taken[record] = (proxy, test)

    def checked_in(self, connection: Any, record: ConnectionPoolEntry) -> None:
        """Note that a connection is back."""
        self._taken.pop(record, None)

    def give_back(self, after: str | None = None) -> None:
        """Give back what nobody else refers to any more, and say if it was the test's.

        Args:
            after: The test that ended; None gives back what is still in use as well.
        """
        if not self._taken:
            return
        if any(test == after for _, test in self._taken.values()):
            gc.collect()  # A session and its transaction refer to each other.
        for proxy, test in list(self._taken.values()):
            if after is None or sys.getrefcount(proxy) <= OWN_REFERENCES:
                proxy.close()
                if test == after:
                    warnings.warn(
                        f"{test} left a session or a connection open. Fix: open it with "
                        "`async with`, or close it.",
                        IsolationWarning,
                        stacklevel=2,
                    )
