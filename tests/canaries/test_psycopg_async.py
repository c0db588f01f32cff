"""What only PostgreSQL does, through psycopg's asynchronous class, and both; each twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from canaries.rows import add, add_async, count, count_async
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from test_harness.runtime.process import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]

INSERT = "INSERT INTO test_harness_canary VALUES (%s)"


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
            await cursor.execute("COMMIT")
            await cursor.execute(INSERT, ["undone"])
            await cursor.execute("ROLLBACK")
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


async def test_synchronous_work_while_a_task_awaits_an_answer(
    make_engine: MakeEngine, make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()

    async def write() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(0.6)"))
            await add_async(connection, "of the task")

    task = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    try:
        with Session(make_engine("psycopg")) as session:
            add(session, "beside it")
            session.commit()
    finally:
        await task
    async with engine.connect() as connection:
        assert await count_async(connection) == 2
    assert not runtime().seam.isolates
