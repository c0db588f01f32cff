"""Whose statements are sent on the one connection: the application's, as a role that policies bind.

What the test's own session and the factories send is sent as the tests' role, what the application
sends as that of `Database.policies`. Which of both stands in a setting of the transaction, so that
a rollback to a savepoint puts both back; a role that the application takes itself is kept for what
it sends next. Where no table has policies, nothing of this is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol
from weakref import WeakSet

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.pool import PoolProxiedConnection

from test_harness.databases.database import Database
from test_harness.isolation.leads import led_to
from test_harness.isolation.savepoints import OF_THE_TESTS, info_of

# Who sends what an asynchronous driver sends now; the application where nobody says so.
_sent_by_tests: ContextVar[bool] = ContextVar("test-harness role", default=False)
_of_the_tests: WeakSet[Dialect] = WeakSet()

# libpq's PQTRANS_INTRANS; in a transaction that has failed nothing but its end is heard.
IN_TRANSACTION = 2

# Nobody sends what `connect` listeners do, before all else.
_SWITCH = """
    SELECT set_config('test_harness.as_' || old, current_setting('role'), true),
    set_config('role', coalesce(nullif(current_setting('test_harness.as_{new}', true), ''),
    {first}), true), set_config('test_harness.sends', '{new}', true)
    FROM (SELECT coalesce(nullif(current_setting('test_harness.sends', true), ''), 'nobody') AS old)
    AS before WHERE old <> '{new}'
"""
_FIRST = """
    nullif(nullif(current_setting('test_harness.as_nobody', true), ''), 'none'),
    nullif(current_setting('role'), 'none'), {role}
"""
AS_TESTS = _SWITCH.format(new="tests", first="'none'")


@cache
def _as_application(role: str) -> str:
    quoted = "'" + role.replace("'", "''") + "'"
    return _SWITCH.format(new="application", first=_FIRST.format(role=quoted))


def is_of_the_tests(dialect: Dialect) -> bool:
    """Tell whether an engine is that of the tests' own session, or of the harness."""
    return dialect in _of_the_tests or led_to(dialect) is not None


def take_for_tests(dialect: Dialect) -> None:
    """Have what an engine sends be sent as the tests' own role."""
    _of_the_tests.add(dialect)


class Sends(Protocol):
    """What is asked of a connection that tests share."""

    real: Any
    database: Database


def switch(shared: Sends) -> str:
    """Return what has the next statement be sent as who sends it; empty where it is all one."""
    return _switch(shared.database.policies.role, by_tests=_sent_by_tests.get())


def sender(database: Database, proxy: PoolProxiedConnection) -> Sequence[str]:
    """Return what has a statement on a pooled connection be sent as who has that."""
    by_tests = info_of(proxy).get(OF_THE_TESTS, False)
    return [*filter(None, [_switch(database.policies.role, by_tests=by_tests)])]


def _switch(role: str, *, by_tests: bool) -> str:
    return "" if not role else AS_TESTS if by_tests else _as_application(role)


def send_as(shared: Sends, proxy: PoolProxiedConnection, send: Callable[[], Any]) -> Any:
    """Send a statement of SQLAlchemy's as whoever sends it.

    Args:
        shared: The connection that it is sent on.
        proxy: The pooled one that it is for.
        send: Sends it.
    """
    if not shared.database.policies.role:
        return send()
    token = _sent_by_tests.set(info_of(proxy).get(OF_THE_TESTS, False))
    try:
        # An asynchronous driver asks for it when it is its turn: tasks may wait for each other.
        if not isinstance(proxy.dbapi_connection, AdaptedConnection):
            shared.real.switch(switch(shared))
        return send()
    finally:
        _sent_by_tests.reset(token)
