"""Ways to use SQLAlchemy, each twice: the second round finds nothing of the first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, StaticPool

from harness.canary import COUNT, INSERT, decoy_url
from harness.errors import HarnessError
from harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


@pytest.fixture
def make_engine(database: None) -> Iterator[MakeEngine]:
    engines = []

    def make(**options: Any) -> Engine:
        engines.append(create_engine(decoy_url(settings().database), **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


def add(connection: Any, name: str) -> None:
    connection.execute(text(INSERT), {"name": name})


def count(connection: Any) -> int:
    return connection.scalar(text(COUNT))


@pytest.mark.parametrize(
    "options",
    [
        {"pool_pre_ping": True},
        {"pool_recycle": 0},
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
        assert count(connection) == 1


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


def test_a_scoped_session(make_engine: MakeEngine, round_: int) -> None:
    session = scoped_session(sessionmaker(make_engine()))
    assert count(session) == 0
    add(session, "kept")
    session.commit()
    assert count(session) == 1
    session.remove()


def test_a_server_side_cursor(make_engine: MakeEngine, round_: int) -> None:
    with Session(make_engine()) as session:
        for number in range(5):
            add(session, f"row {number}")
        session.commit()
        stream = session.execute(
            text("SELECT name FROM test_harness_canary"),
            execution_options={"stream_results": True, "yield_per": 2},
        )
        assert len(stream.all()) == 5


def test_two_phase_transactions_are_refused_by_name(make_engine: MakeEngine, round_: int) -> None:
    if settings().database.engine == "sqlite":
        pytest.skip("SQLite has none")
    session = Session(make_engine(), twophase=True)
    with session, pytest.raises(HarnessError, match="two-phase"):
        add(session, "prepared")


def test_a_raw_connection(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    raw = engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute(COUNT)
    assert cursor.fetchone()[0] == 0
    cursor.execute("INSERT INTO test_harness_canary (name) VALUES ('raw')")
    cursor.close()
    raw.commit()
    raw.close()
    with engine.connect() as connection:
        assert count(connection) == 1


def test_a_commit_in_sql(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        add(connection, "kept")
        connection.exec_driver_sql("COMMIT")
        assert count(connection) == 1


def test_what_a_connect_listener_sets_holds(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    sqlite = settings().database.engine == "sqlite"
    setting = "PRAGMA cache_size = 123" if sqlite else "SET statement_timeout = 123000"

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(setting)
        cursor.close()

    with engine.connect() as connection:
        shown = "PRAGMA cache_size" if sqlite else "SHOW statement_timeout"
        assert connection.exec_driver_sql(shown).scalar() == (123 if sqlite else "123s")


def test_sqlalchemys_recipe_for_sqlite(make_engine: MakeEngine, round_: int) -> None:
    if settings().database.engine != "sqlite":
        pytest.skip("for SQLite")
    engine = make_engine()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    for number in range(2):
        with engine.begin() as connection:
            assert count(connection) == number
            add(connection, f"row {number}")
    with engine.connect() as connection:
        add(connection, "undone")
        connection.rollback()
        assert count(connection) == 2


def test_a_transaction_left_open(make_engine: MakeEngine, round_: int) -> None:
    session = Session(make_engine())
    assert count(session) == 0
    add(session, "left open")
    LEFT_OPEN.append(session)


LEFT_OPEN: list[Session] = []


def test_a_connection_that_a_test_closed(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        assert count(connection) == 0
        add(connection, "lost")
        connection.connection.dbapi_connection.close()
