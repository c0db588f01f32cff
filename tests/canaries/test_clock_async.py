"""Databases take the time from the test, and from nobody else: each twice, and none for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from canaries.rows import ASK, MADE, MAKE, days
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from test_harness.fixtures.clock import Clock
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., AsyncEngine]
ENGINE = settings().database.engine
THEN, NEXT = {"2031-06-15"}, {"2031-06-16"}


async def made(connection: AsyncConnection, number: int) -> set[str]:
    """Make a row, and return the days that it has by default."""
    await connection.execute(text(MAKE), {"id": number})
    return days((await connection.execute(text(MADE), {"id": number})).one())


async def asked(connection: AsyncConnection) -> set[str]:
    """Return the days that the database says it is."""
    row = (await connection.execute(text(ASK[ENGINE]))).one()
    assert row[-1] == "now()"
    return days(row)


async def test_the_time_of_the_test(
    make_async_engine: MakeEngine, clock: Clock, round_: int
) -> None:
    engine = make_async_engine()
    async with engine.begin() as connection:
        assert not (await made(connection, 1) | await asked(connection)) & THEN
    clock.set("2031-06-15T12:00", database=True)
    async with engine.begin() as connection:
        assert await asked(connection) == THEN
        assert await made(connection, 2) == THEN
        clock.move(days=1)
        assert await made(connection, 3) == NEXT
        assert await asked(connection) == NEXT
        clock.reset()
        assert not (await made(connection, 4) | await asked(connection)) & (THEN | NEXT)


async def test_the_time_outlives_what_the_application_rolls_back(
    make_async_engine: MakeEngine, clock: Clock, round_: int
) -> None:
    engine = make_async_engine()
    clock.set("2031-06-15T12:00", database=True)
    async with engine.connect() as connection:
        for number in (1, 2):
            assert await made(connection, number) == THEN
            await connection.rollback()
    async with engine.begin() as connection:
        assert await made(connection, 1) == THEN


async def test_the_time_of_the_process_alone(
    make_async_engine: MakeEngine, clock: Clock, round_: int
) -> None:
    clock.set("2031-06-15T12:00")
    async with make_async_engine().begin() as connection:
        assert not (await made(connection, 1) | await asked(connection)) & THEN
    assert datetime.now(timezone.utc).isoformat() == "2031-06-15T12:00:00+00:00"


async def test_a_clock_that_goes_on(
    make_async_engine: MakeEngine, clock: Clock, round_: int
) -> None:
    clock.set("2031-06-15T12:00", ticks=True, database=True)
    async with make_async_engine().begin() as connection:
        assert await asked(connection) == THEN
        assert [await made(connection, number) for number in (1, 2)] == [THEN, THEN]
