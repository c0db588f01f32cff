"""An application with two databases has two in tests, and nothing of either outlives its test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from canaries.rows import Row, Second, add_async, count_async
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., AsyncEngine]


async def test_what_is_in_one_is_not_in_the_other(
    make_async_engine: MakeEngine, round_: int
) -> None:
    first, second = make_async_engine(), make_async_engine("second")
    for engine, names in ((first, ["one"]), (second, ["two", "three"])):
        async with engine.begin() as connection:
            assert await count_async(connection) == 0
            for name in names:
                await add_async(connection, name)
    for engine, rows in ((first, 1), (second, 2)):
        async with engine.connect() as connection:
            assert await count_async(connection) == rows


async def test_a_rollback_in_one_leaves_the_other(
    make_async_engine: MakeEngine, round_: int
) -> None:
    first, second = make_async_engine(), make_async_engine("second")
    async with AsyncSession(first) as one, AsyncSession(second) as two:
        await add_async(one, "undone")
        await add_async(two, "kept")
        await two.commit()
        await one.rollback()
        assert (await count_async(one), await count_async(two)) == (0, 1)


async def test_one_session_writes_to_both(make_async_engine: MakeEngine, round_: int) -> None:
    binds = {Row: make_async_engine(), Second: make_async_engine("second")}
    async with AsyncSession(binds=binds) as session:
        session.add_all([Row(name="one"), Second(name="two")])
        await session.commit()
    async with AsyncSession(binds=binds) as session:
        for model in binds:
            assert await session.scalar(select(func.count()).select_from(model)) == 1


async def test_a_reader_sees_what_the_writer_wrote(
    make_async_engine: MakeEngine, round_: int
) -> None:
    writer, reader = make_async_engine(), make_async_engine("replica")
    async with AsyncSession(writer) as writing:
        await add_async(writing, "kept")
        await writing.commit()
    async with AsyncSession(reader) as reading:
        assert await count_async(reading) == 1


@pytest.mark.real_commits
async def test_real_commits_in_both(make_async_engine: MakeEngine, round_: int) -> None:
    first, second = make_async_engine(), make_async_engine("second")
    async with first.connect() as one, second.connect() as two:
        assert (await count_async(one), await count_async(two)) == (0, 0)
        await add_async(one, "one")
        await add_async(two, "two")
        await two.commit()
        async with second.connect() as beside:
            assert await count_async(beside) == 1
        async with first.connect() as beside:
            assert await count_async(beside) == 0


async def test_each_tenant_has_a_database(make_async_engine: MakeEngine, round_: int) -> None:
    tenants = [make_async_engine("tenant_a"), make_async_engine("tenant_b")]
    for engine in tenants:
        async with engine.begin() as connection:
            assert await count_async(connection) == 0
            await add_async(connection, "one")
