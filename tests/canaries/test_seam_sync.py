"""Ways to use SQLAlchemy, each twice: the second round finds nothing of the first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from canaries.rows import OUTLIVES, SETTINGS, Row, add, count
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, StaticPool

from test_harness import IsolationError
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


@pytest.mark.parametrize(
    "options",
    [
        {"pool_pre_ping": True},
        {"pool_recycle": 0},
        {"pool_size": 1, "max_overflow": 0},
        {"poolclass": NullPool},
        {"poolclass": StaticPool},
        {"pool_reset_on_return": None},
        {"pool_reset_on_return": "commit"},
    ],
    ids=lambda options: "-".join(f"{key}={value}" for key, value in options.items()),
)
def test_pools(make_engine: MakeEngine, round_: int, options: dict[str, Any]) -> None:
    engine = make_engine(**options)
    for number in range(3):
        with Session(engine) as session:
            assert count(session) == number
            add(session, f"row {number}")
            session.commit()
        with Session(engine) as session:
            add(session, "undone")
            session.rollback()


def test_an_autocommit_engine(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        assert count(connection) == 0
        add(connection, "kept")
    with engine.connect() as connection:
        assert count(connection) == 1
        add(connection, "kept too")
        with pytest.raises(IntegrityError):
            add(connection, "kept")
        assert count(connection) == 2
        connection.rollback()
        assert count(connection) == 2


def test_an_autocommit_connection(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        add(connection, "kept")
        connection.rollback()
    with engine.connect() as connection:
        assert count(connection) == 1
        add(connection, "undone")
        connection.rollback()
        assert count(connection) == 1


def test_an_autocommit_copy_of_an_engine(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        add(connection, "kept")
    with engine.connect() as connection:
        assert count(connection) == 1


def test_another_isolation_level(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine(isolation_level="SERIALIZABLE")
    with engine.begin() as connection:
        assert count(connection) == 0
        add(connection, "kept")
    with engine.connect() as connection:
        level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "READ UNCOMMITTED"
        assert count(connection.execution_options(isolation_level=level)) == 1


def test_nested_transactions(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        add(session, "outer")
        with session.begin_nested():
            add(session, "inner")
            inner = session.begin_nested()
            add(session, "undone")
            inner.rollback()
        session.commit()
        assert count(session) == 2
        with session.begin_nested():
            add(session, "later")
        session.rollback()
        assert count(session) == 2


def test_a_nested_transaction_around_that_of_another(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with Session(engine) as session, Session(engine) as other:
        add(session, "outer")
        with session.begin_nested():
            assert count(other) == 1
        inner = session.begin_nested()
        add(session, "undone")
        assert count(other) == 2
        inner.rollback()
        # Where the others were has gone with it, and each of them goes on.
        assert count(other) == 1
        other.rollback()
        add(other, "of the other")
        other.commit()
        session.commit()
        assert count(session) == 2


def test_an_integrity_error_and_on(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        add(session, "taken")
        with pytest.raises(IntegrityError), session.begin_nested():
            add(session, "taken")
        add(session, "after the nested one")
        session.commit()
        session.add(Row(name="taken"))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        session.add(Row(name="and on"))
        session.commit()
        assert count(session) == 3


def test_many_rows_at_once(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.begin() as connection:
        connection.execute(insert(Row), [{"name": f"row {number}"} for number in range(50)])
    with engine.connect() as connection:
        assert count(connection) == 50


def test_two_engines_in_turn(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as first, Session(make_engine()) as second:
        add(first, "of the first")
        add(second, "of the second")
        first.commit()
        second.rollback()
        assert count(first) == 1
        add(second, "again")
        second.commit()
        first.rollback()
        assert count(first) == 2


def test_a_session_of_another_thread(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()

    def work() -> None:
        with Session(engine) as session:
            add(session, "of the thread")
            session.commit()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    with Session(engine) as session:
        assert count(session) == 1


def test_sessions_of_a_pool_of_threads(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()

    def work(number: int) -> None:
        with Session(engine) as session:
            add(session, f"first of {number}")
            add(session, f"second of {number}")
            session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(16)))
    with Session(engine) as session:
        assert count(session) == 32


def test_a_scoped_session(make_engine: MakeEngine, round_: int) -> None:
    session = scoped_session(sessionmaker(make_engine()))
    assert count(session) == 0
    add(session, "kept")
    session.commit()
    assert count(session) == 1
    session.remove()


def test_what_expires_on_commit(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        row = Row(name="kept")
        session.add(row)
        session.commit()
        assert row.name == "kept"


def test_a_server_side_cursor(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with Session(engine) as session, Session(engine) as other:
        session.add_all(Row(name=f"row {number}") for number in range(5))
        session.commit()
        rows = select(Row).where(Row.name.startswith("row"))
        stream = session.scalars(rows, execution_options={"yield_per": 2})
        for number, row in enumerate(stream):
            add(other, f"copy of {row.name}")
            if number == 2:
                other.commit()
        other.commit()
        assert count(session) == 10


def test_two_phase_transactions_are_refused_by_name(make_engine: MakeEngine, round_: int) -> None:
    session = Session(make_engine(), twophase=True)
    with session, pytest.raises(IsolationError, match="began a two-phase transaction"):
        add(session, "prepared")


def test_a_raw_connection(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    raw = engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT count(*) FROM test_harness_canary")
    assert cursor.fetchone()[0] == 0
    cursor.execute("INSERT INTO test_harness_canary (name) VALUES ('undone at once')")
    raw.rollback()
    cursor.execute("INSERT INTO test_harness_canary (name) VALUES ('raw')")
    raw.commit()
    cursor.execute("INSERT INTO test_harness_canary (name) VALUES ('undone')")
    raw.rollback()
    cursor.execute("INSERT INTO test_harness_canary (name) VALUES ('left open')")
    cursor.close()
    raw.close()
    with engine.connect() as connection:
        assert count(connection) == 1


def test_a_cursor_within_a_transaction(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with Session(engine) as session:
        for name, end in (("kept", session.commit), ("undone", session.rollback)):
            cursor = session.connection().connection.cursor()
            cursor.execute(f"INSERT INTO test_harness_canary (name) VALUES ('{name}')")  # noqa: S608 - the names are above
            assert count(session) == (1 if name == "kept" else 2)
            end()
            cursor.close()
        assert count(session) == 1


def test_a_commit_in_sql(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        add(connection, "kept")
        connection.exec_driver_sql("COMMIT")
        assert count(connection) == 1
        connection.exec_driver_sql("BEGIN")
        add(connection, "undone")
        connection.exec_driver_sql("ROLLBACK")
        assert count(connection) == 1


def test_what_a_connect_listener_sets_holds(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    setting, shown, expected = SETTINGS[settings().database.engine]

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(setting)
        cursor.close()

    with engine.connect() as connection:
        assert connection.exec_driver_sql(shown).scalar() == expected


def test_a_transaction_left_open(make_engine: MakeEngine, round_: int) -> None:
    session = Session(make_engine())
    assert count(session) == 0
    add(session, "left open")
    LEFT_OPEN.append(session)


LEFT_OPEN: list[Session] = []


@pytest.mark.parametrize("way", ["driver", "invalidate"])
def test_a_connection_that_a_test_closed(make_engine: MakeEngine, round_: int, way: str) -> None:
    engine = make_engine()
    with engine.connect() as connection:
        assert count(connection) == 0
        add(connection, "before")
        connection.commit()
        add(connection, "lost")
        if way == "driver":
            connection.connection.driver_connection.close()
        else:
            connection.invalidate()
    with engine.connect() as connection:
        assert count(connection) == 1


@pytest.mark.parametrize(("change", "look", "first"), OUTLIVES[settings().database.engine])
def test_what_outlives_a_rollback_is_not_inherited(
    make_engine: MakeEngine, round_: int, change: str, look: str, first: Any
) -> None:
    with make_engine().connect() as connection:
        assert connection.scalar(text(look)) == first
        connection.execute(text(change))
        assert connection.scalar(text(look)) != first


# What a driver keeps for whoever uses the connection next, and something else than it was.
OF_DRIVERS = {
    "pysqlite": ("row_factory", lambda cursor, row: "of another"),
    "psycopg": ("row_factory", lambda cursor: lambda row: "of another"),
    "psycopg2": ("cursor_factory", None),
    "pymysql": ("cursorclass", None),
}


def test_what_is_set_on_the_drivers_connection_is_not_inherited(
    make_engine: MakeEngine, round_: int
) -> None:
    name, value = OF_DRIVERS[settings().database.driver]
    engine = make_engine()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        raw: Any = connection.connection.driver_connection
        before = getattr(raw, name)
        setattr(raw, name, value or type("Other", (before or object,), {}))
        assert getattr(raw, name) != before
