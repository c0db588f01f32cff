"""What has a server reach out of its test, through an asynchronous driver; each twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import NO_WAYS_OUT, WAYS_OUT, count_async
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from test_harness import DatabaseLockedError
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeAsyncEngine = Callable[..., AsyncEngine]


@pytest.mark.parametrize("statement", WAYS_OUT[settings().database.engine])
async def test_a_way_out_of_the_server_is_refused(
    make_async_engine: MakeAsyncEngine, round_: int, statement: str
) -> None:
    async with make_async_engine().connect() as connection:
        with pytest.raises(DatabaseLockedError, match=r"test_servers_\w+\.py:\d+ had the server"):
            await connection.execute(text(statement))
        with pytest.raises(DatabaseLockedError, match="had the server reach"):
            await past_sqlalchemy(
                (await connection.get_raw_connection()).driver_connection, statement
            )
        assert await count_async(connection) == 0


async def past_sqlalchemy(raw: Any, statement: str) -> None:
    if hasattr(raw, "fetch"):  # asyncpg's
        await raw.fetch(statement)
    else:
        async with raw.cursor() as cursor:
            await cursor.execute(statement)


@pytest.mark.parametrize("statement", NO_WAYS_OUT[settings().database.engine])
async def test_what_only_looks_like_a_way_out_is_sent(
    make_async_engine: MakeAsyncEngine, round_: int, statement: str
) -> None:
    async with make_async_engine().connect() as connection:
        await connection.execute(text(statement))
