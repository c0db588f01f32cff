"""What an asynchronous driver does beside the synchronous one it shares a connection with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from canaries.rows import add, add_async, count_async
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
MakeAsyncEngine = Callable[..., AsyncEngine]

SYNC_DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}


async def test_a_synchronous_engine_in_a_thread(
    make_engine: MakeEngine, make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine, async_engine = (
        make_engine(SYNC_DRIVERS[settings().database.engine]),
        make_async_engine(),
    )

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
