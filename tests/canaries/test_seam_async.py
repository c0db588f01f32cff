"""Ways to use SQLAlchemy from asyncio, each twice: the second round finds nothing of the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import OUTLIVES, SETTINGS, Row, count
from canaries.rows import add_async as add
from canaries.rows import count_async as count_in
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, StaticPool

from test_harness import IsolationError
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., AsyncEngine]


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
async def test_pools(make_async_engine: MakeEngine, round_: int, options: dict[str, Any]) -> None:
    engine = make_async_engine(**options)
    for number in range(3):
        async with AsyncSession(engine) as session:
            assert await count_in(session) == number
            await add(session, f"row {number}")
            await session.commit()
        async with AsyncSession(engine) as session:
            await add(session, "undone")
            await session.rollback()


async def test_an_autocommit_engine(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        assert await count_in(connection) == 0
        await add(connection, "kept")
    async with engine.connect() as connection:
        assert await count_in(connection) == 1
        await add(connection, "kept too")
        with pytest.raises(IntegrityError):
            await add(connection, "kept")
        assert await count_in(connection) == 2
        await connection.rollback()
        assert await count_in(connection) == 2


async def test_an_autocommit_connection(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await add(connection, "kept")
        await connection.rollback()
    async with engine.connect() as connection:
        assert await count_in(connection) == 1
        await add(connection, "undone")
        await connection.rollback()
        assert await count_in(connection) == 1


async def test_an_autocommit_copy_of_an_engine(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await add(connection, "kept")
    async with engine.connect() as connection:
        assert await count_in(connection) == 1


async def test_another_isolation_level(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine(isolation_level="SERIALIZABLE")
    async with engine.begin() as connection:
        assert await count_in(connection) == 0
        await add(connection, "kept")
    async with engine.connect() as connection:
        level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "READ UNCOMMITTED"
        await connection.execution_options(isolation_level=level)
        assert await count_in(connection) == 1


async def test_nested_transactions(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await add(session, "outer")
        async with session.begin_nested():
            await add(session, "inner")
            inner = await session.begin_nested()
            await add(session, "undone")
            await inner.rollback()
        await session.commit()
        assert await count_in(session) == 2
        async with session.begin_nested():
            await add(session, "later")
        await session.rollback()
        assert await count_in(session) == 2


async def test_a_nested_transaction_around_that_of_another(
    make_async_engine: MakeEngine, round_: int
) -> None:
    engine = make_async_engine()
    async with AsyncSession(engine) as session, AsyncSession(engine) as other:
        await add(session, "outer")
        async with session.begin_nested():
            assert await count_in(other) == 1
        inner = await session.begin_nested()
        await add(session, "undone")
        assert await count_in(other) == 2
        await inner.rollback()
        # Where the others were has gone with it, and each of them goes on.
        assert await count_in(other) == 1
        await other.rollback()
        await add(other, "of the other")
        await other.commit()
        await session.commit()
        assert await count_in(session) == 2


async def test_an_integrity_error_and_on(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await add(session, "taken")
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await add(session, "taken")
        await add(session, "after the nested one")
        await session.commit()
        session.add(Row(name="taken"))
        with pytest.raises(IntegrityError):
            await session.commit()
        await session.rollback()
        session.add(Row(name="and on"))
        await session.commit()
        assert await count_in(session) == 3


async def test_many_rows_at_once(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with engine.begin() as connection:
        await connection.execute(insert(Row), [{"name": f"row {number}"} for number in range(50)])
    async with engine.connect() as connection:
        assert await count_in(connection) == 50


async def test_two_engines_in_turn(make_async_engine: MakeEngine, round_: int) -> None:
    first, second = AsyncSession(make_async_engine()), AsyncSession(make_async_engine())
    async with first, second:
        await add(first, "of the first")
        await add(second, "of the second")
        await first.commit()
        await second.rollback()
        assert await count_in(first) == 1
        await add(second, "again")
        await second.commit()
        await first.rollback()
        assert await count_in(first) == 2


async def test_a_scoped_session(make_async_engine: MakeEngine, round_: int) -> None:
    maker = async_sessionmaker(make_async_engine())
    session = async_scoped_session(maker, scopefunc=asyncio.current_task)
    assert await count_in(session) == 0
    await add(session, "kept")
    await session.commit()
    await add(session, "undone")
    await session.rollback()
    assert await count_in(session) == 1
    await session.remove()


async def test_what_expires_on_commit(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine()) as session:
        row = Row(name="kept")
        session.add(row)
        await session.commit()
        await session.refresh(row)
        assert row.name == "kept"
        await session.commit()
        assert await session.run_sync(lambda sync: row.name) == "kept"


async def test_run_sync(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await session.run_sync(lambda sync: sync.add(Row(name="kept")))
        await session.commit()
        assert await session.run_sync(count) == 1


async def test_a_stream(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with AsyncSession(engine) as session, AsyncSession(engine) as other:
        session.add_all(Row(name=f"row {number}") for number in range(5))
        await session.commit()
        rows = select(Row).where(Row.name.startswith("row"))
        stream = await session.stream(rows, execution_options={"yield_per": 2})
        seen = []
        async for row in stream.scalars():
            seen.append(row.name)
            await add(other, f"copy of {row.name}")
            if len(seen) == 3:
                await other.commit()
        await other.commit()
        assert len(seen) == 5
        assert await count_in(session) == 10


async def test_a_stream_that_is_not_read_to_its_end(
    make_async_engine: MakeEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        for number in range(5):
            await add(connection, f"row {number}")
        await connection.commit()
        async with connection.stream(select(Row.name)) as stream:
            assert await stream.fetchone() is not None
        assert await count_in(connection) == 5


async def test_two_phase_transactions_are_refused_by_name(
    make_async_engine: MakeEngine, round_: int
) -> None:
    session = AsyncSession(make_async_engine(), twophase=True)
    with pytest.raises(IsolationError, match="began a two-phase transaction"):
        await add(session, "prepared")
    await session.close()


async def test_a_cursor_within_a_transaction(make_async_engine: MakeEngine, round_: int) -> None:
    def insert_past_sqlalchemy(session: Session, name: str) -> None:
        cursor = session.connection().connection.cursor()
        cursor.execute(f"INSERT INTO test_harness_canary (name) VALUES ('{name}')")  # noqa: S608 - the names are above
        cursor.close()

    async with AsyncSession(make_async_engine()) as session:
        await session.run_sync(insert_past_sqlalchemy, f"kept {round_}")
        await session.commit()
        await session.run_sync(insert_past_sqlalchemy, f"undone {round_}")
        await session.rollback()
        assert await session.run_sync(count) == 1


async def test_a_commit_in_sql(make_async_engine: MakeEngine, round_: int) -> None:
    async with make_async_engine().connect() as connection:
        await add(connection, "kept")
        await connection.exec_driver_sql("COMMIT")
        assert await count_in(connection) == 1
        await connection.exec_driver_sql("BEGIN")
        await add(connection, "undone")
        await connection.exec_driver_sql("ROLLBACK")
        assert await count_in(connection) == 1


async def test_what_a_connect_listener_sets_holds(
    make_async_engine: MakeEngine, round_: int
) -> None:
    engine = make_async_engine()
    setting, shown, expected = SETTINGS[settings().database.engine]

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(setting)
        cursor.close()

    async with engine.connect() as connection:
        assert (await connection.exec_driver_sql(shown)).scalar() == expected


async def test_a_transaction_left_open(make_async_engine: MakeEngine, round_: int) -> None:
    session = AsyncSession(make_async_engine())
    assert await count_in(session) == 0
    await add(session, "left open")
    LEFT_OPEN.append(session)


LEFT_OPEN: list[AsyncSession] = []


@pytest.mark.parametrize("way", ["adapter", "driver", "invalidate"])
async def test_a_connection_that_a_test_closed(
    make_async_engine: MakeEngine, round_: int, way: str
) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        assert await count_in(connection) == 0
        await add(connection, "before")
        await connection.commit()
        await add(connection, "lost")
        raw = await connection.get_raw_connection()
        if way == "adapter":
            await connection.run_sync(lambda sync: sync.connection.dbapi_connection.close())
        elif way == "driver":
            closing = raw.driver_connection.close()
            if closing is not None:
                await closing
        else:
            await connection.invalidate()
    async with engine.connect() as connection:
        assert await count_in(connection) == 1


async def test_reads_at_once(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with AsyncSession(engine) as session:
        await add(session, "kept")
        await session.commit()

    async def read() -> int:
        async with AsyncSession(engine) as session:
            found = 0
            for _ in range(3):
                found += await count_in(session)
                await asyncio.sleep(0)
            return found

    assert await asyncio.gather(*(read() for _ in range(8))) == [3] * 8


async def test_commits_at_once(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()

    async def write(number: int) -> None:
        async with AsyncSession(engine) as session:
            await add(session, f"first of {number}")
            await asyncio.sleep(0)
            await add(session, f"second of {number}")
            await session.commit()

    await asyncio.gather(*(write(number) for number in range(8)))
    async with AsyncSession(engine) as session:
        assert await count_in(session) == 16


async def test_a_task_in_the_background(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()

    async def work() -> None:
        async with AsyncSession(engine) as session:
            await add(session, "of the task")
            await session.commit()

    task = asyncio.create_task(work())
    async with AsyncSession(engine) as session:
        await add(session, "of the test")
        await session.commit()
        await task
        assert await count_in(session) == 2


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) "
    "SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(1)",
    "mysql": "SELECT sleep(1)",
}


async def test_a_statement_that_is_cancelled(make_async_engine: MakeEngine, round_: int) -> None:
    engine = make_async_engine()
    async with AsyncSession(engine) as session:
        await add(session, "kept")
        await session.commit()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(
                session.execute(text(SLOW[settings().database.engine])), timeout=0.02
            )
    async with AsyncSession(engine) as session:
        assert await count_in(session) == 1
        await add(session, "and on")
        await session.commit()


@pytest.mark.parametrize(("change", "look", "first"), OUTLIVES[settings().database.engine])
async def test_what_outlives_a_rollback_is_not_inherited(
    make_async_engine: MakeEngine, round_: int, change: str, look: str, first: Any
) -> None:
    async with make_async_engine().connect() as connection:
        assert await connection.scalar(text(look)) == first
        await connection.execute(text(change))
        assert await connection.scalar(text(look)) != first
