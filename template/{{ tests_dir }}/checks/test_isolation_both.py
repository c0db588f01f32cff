# mypy: ignore-errors
"""Canaries for a suite with synchronous and asynchronous tests on the same database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from test_harness.runtime.canary import COUNT, INSERT

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("isolation")]

twice = pytest.mark.parametrize("round_", [1, 2])


@twice
def test_a_synchronous_commit_does_not_outlive_its_test(sync_db: Session, round_: int) -> None:
    assert sync_db.scalar(text(COUNT)) == 0
    sync_db.execute(text(INSERT), {"name": "commit"})
    sync_db.commit()
    assert sync_db.scalar(text(COUNT)) == 1


@twice
async def test_an_asynchronous_commit_does_not_outlive_its_test(
    db: AsyncSession, round_: int
) -> None:
    assert await db.scalar(text(COUNT)) == 0
    await db.execute(text(INSERT), {"name": "commit"})
    await db.commit()
    assert await db.scalar(text(COUNT)) == 1


@twice
@pytest.mark.real_commits
async def test_with_real_commits_each_sees_what_the_other_committed(
    engine: AsyncEngine, sync_engine: Engine, round_: int
) -> None:
    with Session(sync_engine) as session:
        session.execute(text(INSERT), {"name": "of synchronous code"})
        session.commit()
    async with AsyncSession(engine) as other:
        assert await other.scalar(text(COUNT)) == 1
        await other.execute(text(INSERT), {"name": "of asynchronous code"})
        await other.commit()
    with Session(sync_engine) as session:
        assert session.scalar(text(COUNT)) == 2
