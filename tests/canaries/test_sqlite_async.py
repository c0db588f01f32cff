"""What only SQLite does, through aiosqlite, and through both of its drivers; each twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest
from canaries.rows import Row, add, add_async, count, count_async
from sqlalchemy import Engine, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]

INSERT = "INSERT INTO test_harness_canary VALUES (?)"


async def test_the_drivers_own_calls(make_async_engine: MakeAsyncEngine, round_: int) -> None:
    async with make_async_engine().connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, aiosqlite.Connection)
        async with raw.execute("SELECT count(*) FROM test_harness_canary") as cursor:
            assert await cursor.fetchone() == (0,)
        await raw.execute(INSERT, ("kept",))
        await raw.executemany(INSERT, [("two",), ("three",)])
        await raw.commit()
        await raw.execute(INSERT, ("undone",))
        await raw.rollback()
        with pytest.raises(sqlite3.IntegrityError):
            await raw.execute(INSERT, ("kept",))
        await raw.executescript("INSERT INTO test_harness_canary VALUES ('four')")
        await raw.commit()
    async with make_async_engine().connect() as connection:
        assert await count_async(connection) == 4


async def test_a_driver_connection_that_a_test_stopped(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        await add_async(connection, "kept")
        await connection.commit()
        raw: Any = (await connection.get_raw_connection()).driver_connection
        raw.stop()
    async with engine.connect() as connection:
        assert await count_async(connection) == 1


async def test_both_drivers_see_the_same_rows(
    make_engine: MakeEngine, make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await add_async(session, "of aiosqlite")
        await session.commit()
        with Session(make_engine("pysqlite")) as other:
            assert count(other) == 1
            add(other, "of pysqlite")
            other.commit()
            add(other, "undone")
            other.rollback()
        assert await count_async(session) == 2


async def test_a_session_that_connects_while_rows_are_read(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()
    async with AsyncSession(engine) as session:
        session.add_all(Row(name=f"row {number}") for number in range(5))
        await session.commit()
        stream = await session.stream(select(Row), execution_options={"yield_per": 1})
        assert await anext(stream.scalars()) is not None
        async with AsyncSession(make_async_engine()) as other:
            assert await count_async(other) == 5
        assert len(await stream.all()) == 4
