"""Children made by fork while their parent goes on, with an asynchronous driver; each twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from canaries.forked import REFUSED, said_by_child
from canaries.rows import add_async, count_async
from sqlalchemy.ext.asyncio import AsyncEngine

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeAsyncEngine = Callable[..., AsyncEngine]


async def past_sqlalchemy(raw: Any) -> Any:
    if hasattr(raw, "fetch"):  # asyncpg's
        return await raw.fetch("SELECT 1")
    async with raw.cursor() as cursor:
        return await cursor.execute("SELECT 1")


async def through(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await count_async(connection)


@pytest.mark.parametrize("what", ["its own engine", "an engine", "the driver"])
async def test_a_forked_child_is_refused_while_its_parent_goes_on(
    make_async_engine: MakeAsyncEngine, round_: int, what: str
) -> None:
    engine = make_async_engine()
    async with engine.connect() as connection:
        await add_async(connection, "of the parent")
        raw: Any = (await connection.get_raw_connection()).driver_connection
        tried: dict[str, Callable[[], Awaitable[Any]]] = {
            "its own engine": lambda: through(make_async_engine()),
            "an engine": lambda: through(engine),
            "the driver": lambda: past_sqlalchemy(raw),
        }

        async def work() -> Any:
            return await asyncio.wait_for(tried[what](), 20)

        with said_by_child(lambda: asyncio.run(work())) as said:
            for _ in range(20):
                assert await count_async(connection) == 1
        assert REFUSED.search(said[0]), said
        await connection.commit()
        assert await count_async(connection) == 1
