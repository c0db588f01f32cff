"""What the transactions of an application become: savepoints, and what is noted beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

# What is noted beside a pooled connection.
TRANSACTION = "test-harness transaction"
AUTOCOMMIT = "test-harness autocommit"
CONNECTING = "test-harness connecting"
USED = "test-harness used"


@dataclass(eq=False)
class Savepoint:
    """One savepoint on the server, and the transaction of the application that uses it.

    `state` is `open` while the transaction runs, `committed` once it has committed (the RELEASE is
    sent with the next SAVEPOINT, in one round trip), and `clean` after a rollback to it, when the
    next transaction can use it as it is. One that is `kept` is no transaction's: what was written
    before it, by a fixture for several tests, outlives them.
    """

    name: str
    state: str = "open"
    wrote: bool = False


def info_of(proxy: PoolProxiedConnection | ConnectionPoolEntry) -> dict[Any, Any]:
    """Return what SQLAlchemy keeps for the pooled connection, across its checkouts."""
    info = proxy.record_info
    return {} if info is None else info
