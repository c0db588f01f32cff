"""What only PostgreSQL does, through asyncpg; each twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg
import pytest
from canaries.rows import OWN_LOCKS, SCRIPTS, add, add_async, count, count_async
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from test_harness import IsolationError, IsolationWarning

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]

INSERT = "INSERT INTO test_harness_canary VALUES ($1)"
RETURNING = f"{INSERT} RETURNING name"
PREPARED: list[Any] = []


async def test_the_drivers_own_calls(make_async_engine: MakeAsyncEngine, round_: int) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert isinstance(raw, asyncpg.Connection)
        assert await raw.fetchval("SELECT count(*) FROM test_harness_canary") == 0
        await raw.execute(INSERT, "one")
        await raw.executemany(INSERT, [("two",), ("three",)])
        async with raw.transaction():
            await raw.execute(INSERT, "four")
        with suppress(ZeroDivisionError):
            async with raw.transaction():
                await raw.execute(INSERT, "undone")
                raise ZeroDivisionError
        statement = await raw.prepare("SELECT name FROM test_harness_canary ORDER BY name")
        assert [row["name"] for row in await statement.fetch()] == ["four", "one", "three", "two"]
        async with raw.transaction():
            cursor = await raw.cursor("SELECT name FROM test_harness_canary ORDER BY name")
            assert [row["name"] for row in await cursor.fetch(2)] == ["four", "one"]
        await raw.copy_records_to_table("test_harness_canary", records=[("five",)])
        await raw.execute("INSERT INTO test_harness_canary VALUES ('six')")
        await raw.execute("BEGIN")
        await raw.execute(INSERT, "undone")
        await raw.execute("ROLLBACK")
    async with engine.connect() as connection:
        assert await count_async(connection) == 6


async def test_a_statement_prepared_before_a_transaction(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        statement = await raw.prepare(RETURNING)
        for way in (statement.fetch, statement.fetchrow, statement.fetchval):
            assert await count_async(connection) == 0
            assert await way("undone")
            await connection.rollback()
        for many in (statement.executemany, statement.fetchmany):
            assert await count_async(connection) == 0
            await many([("undone",), ("undone too",)])
            await connection.rollback()
        for cursor in (statement.cursor, partial(raw.cursor, RETURNING)):
            assert await count_async(connection) == 0
            assert [row async for row in cursor("undone")]
            await connection.rollback()
        assert await count_async(connection) == 0


@pytest.mark.parametrize("again", [False, True])
async def test_a_statement_prepared_in_another_test(
    make_async_engine: MakeAsyncEngine, round_: int, again: bool
) -> None:
    if not PREPARED:
        async with make_async_engine().connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            PREPARED.append(await raw.prepare(INSERT))
    else:
        await PREPARED[0].fetch("the same each time")


@pytest.mark.parametrize("way", ["close", "terminate"])
async def test_a_driver_connection_that_a_test_closed(
    make_async_engine: MakeAsyncEngine, round_: int, way: str
) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        await add_async(connection, "kept")
        await connection.commit()
        raw: Any = (await connection.get_raw_connection()).driver_connection
        if way == "close":
            await raw.close()
        else:
            raw.terminate()
    async with engine.connect() as connection:
        assert await count_async(connection) == 1


async def test_a_second_driver_is_isolated_and_warned_of(
    make_engine: MakeEngine,
    make_async_engine: MakeAsyncEngine,
    on_one_connection: None,
    round_: int,
) -> None:
    with make_engine("psycopg").connect() as connection:
        assert count(connection) == 0
        add(connection, "of psycopg")
        connection.commit()
    async with make_async_engine().connect() as connection:
        with pytest.warns(IsolationWarning, match="works with a second driver"):
            assert await count_async(connection) == 0


@pytest.mark.real_commits
async def test_time_goes_on_between_real_transactions(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        first = await connection.scalar(text("SELECT now()"))
        await connection.commit()
        assert await connection.scalar(text("SELECT now()")) > first


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_script_that_ends_a_transaction_is_refused(
    make_async_engine: MakeAsyncEngine, round_: int, script: str
) -> None:
    async with make_async_engine().connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        with pytest.raises(IsolationError, match="sent several statements in one string"):
            await raw.execute(script)
        assert await count_async(connection) == 0


async def test_what_ends_a_transaction_however_it_is_sent(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await raw.execute("INSERT INTO test_harness_canary VALUES ('kept')")
        await raw.fetch("COMMIT")
        await raw.fetch("BEGIN")
        await raw.fetchval("INSERT INTO test_harness_canary VALUES ('undone') RETURNING name")
        await (await raw.prepare("ROLLBACK")).fetch()
        await (await raw.prepare("BEGIN")).fetch()
    async with engine.connect() as connection:
        assert await count_async(connection) == 1


async def test_a_lock_that_is_taken_by_a_value_is_not_inherited(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert await raw.fetchval(OWN_LOCKS) == 0
        await raw.fetchval("SELECT pg_advisory_lock($1)", 7)
        await raw.executemany("SELECT pg_advisory_lock($1)", [(8,), (9,)])


async def test_codecs_and_listeners_are_not_inherited(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert await raw.fetchval("SELECT 1::int8") == 1
        await raw.set_type_codec(
            "int8", schema="pg_catalog", encoder=str, decoder=lambda _: "of another", format="text"
        )
