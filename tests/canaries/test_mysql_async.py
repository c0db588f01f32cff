"""What only MySQL and MariaDB do, through an asynchronous driver; each twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import DDL, ELSEWHERE, WRITING_SELECT, add, add_async, count, count_async
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from test_harness import DatabaseLockedError, IsolationError, IsolationWarning

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]


@pytest.mark.parametrize("statement", DDL)
async def test_ddl_is_refused_by_name(
    make_async_engine: MakeAsyncEngine, round_: int, statement: str
) -> None:
    async with make_async_engine().connect() as connection:
        await add_async(connection, "kept")
        with pytest.raises(IsolationError, match=r"@pytest\.mark\.real_commits") as refused:
            await connection.execute(text(statement))
        assert f"sent `{statement}`, which commits on MySQL" in refused.value.problem
        assert await count_async(connection) == 1


@pytest.mark.parametrize("statement", ELSEWHERE)
async def test_other_databases_of_the_server_are_refused(
    make_async_engine: MakeAsyncEngine, round_: int, statement: str
) -> None:
    async with make_async_engine().connect() as connection:
        with pytest.raises(DatabaseLockedError, match="named the database production in `"):
            await connection.execute(text(statement))
        assert await count_async(connection) == 0


@pytest.mark.real_commits
async def test_ddl_is_for_tests_with_a_database_of_their_own(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().begin() as connection:
        await connection.execute(text("CREATE TABLE made_in_a_test (name TEXT)"))


async def test_the_drivers_own_calls(make_async_engine: MakeAsyncEngine, round_: int) -> None:
    engine = make_async_engine()
    insert = "INSERT INTO test_harness_canary VALUES (%s)"
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        async with raw.cursor() as cursor:
            await raw.begin()
            await cursor.execute(insert, ["one"])
            await raw.commit()
            await cursor.execute(insert, ["undone"])
            await raw.rollback()
            await cursor.executemany(insert, [["two"], ["three"]])
            await raw.autocommit(False)
            await cursor.execute(insert, ["four"])
            await raw.autocommit(True)
            await cursor.execute("SELECT count(*) FROM test_harness_canary")
            assert await cursor.fetchone() == (4,)
        await raw.commit()
    async with engine.connect() as connection:
        assert await count_async(connection) == 4


async def test_what_a_select_writes_is_undone_by_a_rollback(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        assert await connection.scalar(text(WRITING_SELECT)) == 1
        await connection.rollback()
        assert await count_async(connection) == 0


async def test_a_second_driver_is_isolated_and_warned_of(
    make_engine: MakeEngine,
    make_async_engine: MakeAsyncEngine,
    on_one_connection: None,
    round_: int,
) -> None:
    with make_engine("pymysql").connect() as connection:
        assert count(connection) == 0
        add(connection, "of pymysql")
        connection.commit()
    async with make_async_engine().connect() as connection:
        with pytest.warns(IsolationWarning, match="works with a second driver"):
            assert await count_async(connection) == 0
