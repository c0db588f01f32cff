"""Takes over how dialects begin, end and send what is within a transaction.

The methods of a dialect's instance are replaced, once, and only for connections that tests share:
those go to `SharedConnection`, all others to the dialect as they always did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import Dialect, ExecutionContext

from test_harness.databases.database import engine_of
from test_harness.isolation.one_connection import one_connection
from test_harness.isolation.reading import two_phase_refused
from test_harness.isolation.transactions import SharedConnection
from test_harness.isolation.ways_out import refuse_way_out
from test_harness.isolation.wishes import DEFERRABLE, READ_ONLY, Wish, level_wish

# Each is told every statement, before it is sent. A listener of `Engine` would have SQLAlchemy look
# for listeners of all that a connection does, which takes longer than what most of them do.
told: list[Callable[[str], None]] = []


def take_over(dialect: Dialect, shared_by_face: Mapping[int, SharedConnection]) -> None:
    """Replace the transaction control of one dialect instance.

    Args:
        dialect: The instance.
        shared_by_face: The shared connections, by the `id` of each DBAPI connection they have.
    """

    def replace(name: str, ours: Callable[..., Any]) -> None:
        original = getattr(dialect, name)

        def method(connection: Any, *rest: Any) -> Any:
            face = getattr(connection, "dbapi_connection", connection)
            shared = shared_by_face.get(id(face))
            return (
                original(connection, *rest) if shared is None else ours(shared, connection, *rest)
            )

        setattr(dialect, name, method)

    def pass_over(shared: SharedConnection, connection: Any) -> None:
        """Do nothing: the connection is the harness's to close and to configure."""

    def set_level(shared: SharedConnection, connection: Any, level: str) -> None:
        """Begin as an engine wants it; what a connection of it wants besides is not to be had."""
        wish = level_wish(level, shared.database.engine)
        if wish is None:
            return
        # An engine that a test made, and is begun anew for, is none of all tests.
        if one_connection.is_for_all:
            if wish != one_connection.wish:
                one_connection.levels[shared.database] = level
        elif one_connection.levels.get(shared.database) != level:
            one_connection.cannot(wish)

    def refuses(wish: Wish) -> Callable[[SharedConnection, Any, bool], None]:
        def switch(shared: SharedConnection, connection: Any, value: bool) -> None:
            if value:
                one_connection.cannot(wish)

        return switch

    begin_two_phase = dialect.do_begin_twophase

    def refuse_two_phase(connection: Connection, xid: Any) -> None:
        if id(connection.connection.dbapi_connection) not in shared_by_face:
            return begin_two_phase(connection, xid)
        raise two_phase_refused()

    def alive(shared: SharedConnection, connection: Any) -> bool:
        return True

    replace("do_begin", SharedConnection.begin)
    replace("do_commit", SharedConnection.commit)
    replace("do_rollback", SharedConnection.rollback)
    replace("do_ping", alive)
    dialect.do_begin_twophase = refuse_two_phase  # type: ignore[method-assign]
    for name in ("do_close", "do_terminate", "reset_isolation_level"):
        replace(name, pass_over)
    replace("set_isolation_level", set_level)
    for name, wish in (("set_readonly", READ_ONLY), ("set_deferrable", DEFERRABLE)):
        if hasattr(dialect, name):
            replace(name, refuses(wish))
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        _guard_statements(dialect, name, shared_by_face)


def _guard_statements(
    dialect: Dialect, name: str, shared_by_face: Mapping[int, SharedConnection]
) -> None:
    """See to it that each statement runs within its transaction, whatever began it."""
    original = getattr(dialect, name)
    engine = engine_of(dialect.name)

    def method(cursor: Any, statement: str, *rest: Any) -> Any:
        context: ExecutionContext | None = rest[-1]
        if context is None:
            return original(cursor, statement, *rest)
        for tell in told:
            tell(statement)
        proxy = context.root_connection.connection
        shared = shared_by_face.get(id(proxy.dbapi_connection))
        if shared is None:
            refuse_way_out(statement, engine, in_test=False)
            return original(cursor, statement, *rest)
        return shared.execute(
            proxy,
            statement,
            rest[:-1],
            lambda: original(cursor, statement, *rest),
            autocommit=_is_autocommit(context.root_connection),
        )

    setattr(dialect, name, method)


def _is_autocommit(connection: Connection) -> bool:
    engine_level = getattr(connection.dialect, "_on_connect_isolation_level", None)
    level = connection.get_execution_options().get("isolation_level", engine_level)
    return bool(level == "AUTOCOMMIT")
