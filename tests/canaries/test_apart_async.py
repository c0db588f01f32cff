"""Tasks that write at the same time, on each asynchronous driver of PostgreSQL; each twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from canaries.conftest import address_of
from canaries.rows import add_async, count_async
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from test_harness.runtime.process import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeAsyncEngine = Callable[..., AsyncEngine]


@pytest.fixture(scope="module")
async def writer(database: None) -> AsyncIterator[None]:
    """A task that writes all the time, as one that a lifespan starts."""
    engine = create_async_engine(address_of(""))

    async def write() -> None:
        while True:
            async with engine.begin() as connection:
                await connection.execute(text("UPDATE test_harness_canary SET name = lower(name)"))
            await asyncio.sleep(0.001)

    task = asyncio.create_task(write())
    yield
    task.cancel()
    await asyncio.wait([task])
    await engine.dispose()


@pytest.mark.parametrize("again", range(5))
async def test_a_task_that_writes_all_the_time(
    make_async_engine: MakeAsyncEngine, writer: None, round_: int, again: int
) -> None:
    engine = make_async_engine()
    async with engine.begin() as connection:
        await add_async(connection, "KEPT")
    await asyncio.sleep(0.02)
    async with engine.connect() as connection:
        assert await count_async(connection) == 1
    assert runtime().seam.isolates


@pytest.mark.parametrize("failing", [0, 1])
async def test_one_of_several_that_fails(
    make_async_engine: MakeAsyncEngine, round_: int, failing: int
) -> None:
    engine = make_async_engine()

    async def write(number: int) -> None:
        async with engine.begin() as connection:
            await add_async(connection, str(number))
            await asyncio.sleep(0.05 if number < failing else 0.01)
            if number < failing:
                raise ValueError

    await asyncio.gather(*map(write, range(3)), return_exceptions=True)
    async with engine.connect() as connection:
        assert await count_async(connection) == 3 - failing
    assert runtime().seam.isolates is not bool(failing)


async def test_one_that_fails_after_another_ended_and_a_third_began(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()
    async with engine.connect() as failing, engine.connect() as third:
        await add_async(failing, "undone")
        async with engine.begin() as other:
            await add_async(other, "kept")
        await third.execute(text("SELECT 1"))
        await failing.rollback()
    async with engine.connect() as connection:
        assert await count_async(connection) == 1
    assert not runtime().seam.isolates


LEFT: list[asyncio.Task[None]] = []
LET_GO = asyncio.Event()


async def test_a_task_left_behind_has_no_part_in_a_test_that_is_begun_anew(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    engine = make_async_engine()

    async def write() -> None:
        await LET_GO.wait()
        async with engine.begin() as connection:
            await add_async(connection, "of the task")

    if runtime().seam.isolates:
        LET_GO.clear()
        LEFT[:] = [asyncio.create_task(write())]
        async with engine.connect() as connection:
            await connection.execute(text("LISTEN canary"))
        return
    LET_GO.set()
    await asyncio.sleep(0.1)
    async with engine.connect() as connection:
        assert await count_async(connection) == 0
    assert LEFT[0].cancelled()
