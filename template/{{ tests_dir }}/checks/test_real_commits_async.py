# mypy: ignore-errors
"""Checks of `@pytest.mark.real_commits`: several connections, on a database of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from test_harness.runtime.canary import COUNT, INSERT, decoy_url
from test_harness.settings import settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("real commits")]

twice = pytest.mark.parametrize("round_", [1, 2])


@pytest.fixture
async def application_engine(database: None) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(decoy_url(settings().database))
    yield engine
    await engine.dispose()


@twice
@pytest.mark.real_commits
async def test_a_commit_is_seen_by_another_connection(
    application_engine: AsyncEngine, round_: int
) -> None:
    async with AsyncSession(application_engine) as writer:
        assert await writer.scalar(text(COUNT)) == 0
        await writer.execute(text(INSERT), {"name": "committed"})
        async with AsyncSession(application_engine) as reader:
            assert await reader.scalar(text(COUNT)) == 0
        await writer.commit()
        async with AsyncSession(application_engine) as reader:
            assert await reader.scalar(text(COUNT)) == 1


@pytest.mark.real_commits
async def test_a_rollback_leaves_what_another_session_committed(
    application_engine: AsyncEngine, db: AsyncSession
) -> None:
    assert await db.scalar(text(COUNT)) == 0
    await db.rollback()
    async with AsyncSession(application_engine) as session:
        await session.execute(text(INSERT), {"name": "committed"})
        await session.commit()
    assert await db.scalar(text(COUNT)) == 1


async def test_nothing_of_it_reaches_the_other_tests(db: AsyncSession) -> None:
    assert await db.scalar(text(COUNT)) == 0
