"""What only PostgreSQL does, through psycopg's asynchronous class, and both; each twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from canaries.rows import ORPHAN, PARENT, add, add_async, count, count_async
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from harness.errors import IsolationError
from harness.runtime import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]

INSERT = "INSERT INTO test_harness_canary VALUES (%s)"


async def test_a_deferred_constraint_is_checked_by_a_commit(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await session.execute(text(ORPHAN))
        with pytest.raises(IntegrityError, match="canary_child"):
            await session.commit()
        await session.rollback()
        await session.execute(text(ORPHAN))
        await session.execute(text(PARENT))
        await session.commit()
        assert await session.scalar(text("SELECT count(*) FROM canary_child")) == 1


@pytest.fixture
async def orphan(make_async_engine: MakeAsyncEngine) -> AsyncIterator[None]:
    async with AsyncSession(make_async_engine()) as session:
        await session.execute(text(ORPHAN))
        yield


def test_rows_that_break_a_deferred_constraint_are_reported(orphan: None, round_: int) -> None:
    with pytest.raises(IsolationError, match=r'no commit would accept: .* table "canary_child"'):
        runtime().seam.roll_back()


async def test_the_drivers_own_calls(make_async_engine: MakeAsyncEngine, round_: int) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, psycopg.AsyncConnection)
        async with raw.cursor() as cursor:
            await cursor.execute(INSERT, ["one"])
            await raw.commit()
            await cursor.execute(INSERT, ["undone"])
            await raw.rollback()
            await cursor.executemany(INSERT, [["two"], ["three"]])
            async with raw.transaction():
                await raw.execute(INSERT, ["four"])
            with suppress(ZeroDivisionError):
                async with raw.transaction():
                    await raw.execute(INSERT, ["undone"])
                    raise ZeroDivisionError
            async with cursor.copy("COPY test_harness_canary FROM STDIN") as copy:
                await copy.write("five\nsix\n")
            found = await raw.execute("SELECT count(*) FROM test_harness_canary")
            assert await found.fetchone() == (6,)
        await raw.commit()
    async with engine.connect() as connection:
        assert await count_async(connection) == 6


async def test_both_classes_see_the_same_rows(
    make_engine: MakeEngine, make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await add_async(session, "of the asynchronous one")
        await session.commit()
        with Session(make_engine("psycopg")) as other:
            assert count(other) == 1
            add(other, "of the synchronous one")
            other.commit()
            add(other, "undone")
            other.rollback()
        assert await count_async(session) == 2
        first = await session.scalar(text("SELECT pg_backend_pid()"))
        with Session(make_engine("psycopg")) as other:
            assert other.scalar(text("SELECT pg_backend_pid()")) == first


async def test_a_synchronous_engine_in_a_thread(
    make_engine: MakeEngine, make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine, async_engine = make_engine("psycopg"), make_async_engine()

    def work(number: int) -> None:
        with Session(engine) as session:
            add(session, f"of thread {number}")
            session.commit()

    async def work_in_loop(number: int) -> None:
        async with AsyncSession(async_engine) as session:
            await add_async(session, f"of task {number}")
            await session.commit()

    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(loop.run_in_executor(None, work, number) for number in range(6)),
        *(work_in_loop(number) for number in range(6)),
    )
    async with AsyncSession(async_engine) as session:
        assert await count_async(session) == 12
