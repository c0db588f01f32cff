# mypy: ignore-errors
"""Canaries: each test leaves something behind on purpose, and finds nothing another one left.

The engine below is made as an application makes its own, with an address that must never be
reached.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from test_harness.runtime.canary import COUNT, INSERT, decoy_url
from test_harness.settings import settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("isolation")]

twice = pytest.mark.parametrize("round_", [1, 2])


@pytest.fixture
async def application_engine(database: None) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(decoy_url(settings().database))
    yield engine
    await engine.dispose()


@twice
async def test_a_commit_does_not_outlive_its_test(
    application_engine: AsyncEngine, round_: int
) -> None:
    async with AsyncSession(application_engine) as session:
        assert await session.scalar(text(COUNT)) == 0
        await session.execute(text(INSERT), {"name": "commit"})
        await session.commit()
        assert await session.scalar(text(COUNT)) == 1


@twice
async def test_a_commit_after_a_rollback_does_not_outlive_its_test(
    application_engine: AsyncEngine, round_: int
) -> None:
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "undone"})
        await session.rollback()
        assert await session.scalar(text(COUNT)) == 0
        await session.execute(text(INSERT), {"name": "kept"})
        await session.commit()
    async with AsyncSession(application_engine) as session:
        assert await session.scalar(text(COUNT)) == 1


async def test_a_violated_constraint_leaves_the_test_usable(
    application_engine: AsyncEngine,
) -> None:
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "taken"})
        await session.commit()
        with pytest.raises(IntegrityError):
            await session.execute(text(INSERT), {"name": "taken"})
        await session.rollback()
        assert await session.scalar(text(COUNT)) == 1


async def test_a_nested_transaction_rolls_back_alone(application_engine: AsyncEngine) -> None:
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "outer"})
        nested = await session.begin_nested()
        await session.execute(text(INSERT), {"name": "inner"})
        await nested.rollback()
        await session.commit()
        assert await session.scalar(text(COUNT)) == 1


async def test_the_test_sees_what_the_application_committed(
    application_engine: AsyncEngine, db: AsyncSession
) -> None:
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "committed"})
        await session.commit()
    assert await db.scalar(text(COUNT)) == 1


async def test_a_rollback_of_the_application_leaves_the_rows_of_the_test(
    application_engine: AsyncEngine, db: AsyncSession
) -> None:
    await db.execute(text(INSERT), {"name": "of the test"})
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "of the application"})
        await session.rollback()
    assert await db.scalar(text(COUNT)) == 1


@pytest.fixture
def left_open(application_engine: AsyncEngine) -> Iterator[AsyncSession]:
    session = AsyncSession(application_engine)
    yield session
    session.sync_session.close()


@twice
async def test_a_session_left_open_does_not_reach_the_next_test(
    left_open: AsyncSession, round_: int
) -> None:
    assert await left_open.scalar(text(COUNT)) == 0
    await left_open.execute(text(INSERT), {"name": "left open"})
