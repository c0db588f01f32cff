"""What only PostgreSQL does, through each of its asynchronous drivers; each twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from canaries.rows import LOCAL, ORPHAN, PARENT, WRITING_SELECT, count_async
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from test_harness import IsolationError
from test_harness.runtime.process import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeAsyncEngine = Callable[..., AsyncEngine]


async def test_a_deferred_constraint_is_checked_by_a_commit(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with AsyncSession(make_async_engine()) as session:
        await session.execute(text(ORPHAN))
        with pytest.raises(IntegrityError, match="canary_child"):
            await session.commit()
        await session.rollback()
        await session.execute(text(ORPHAN))
        await session.execute(text(PARENT))
        await session.commit()
        assert await session.scalar(text("SELECT count(*) FROM canary_child")) == 1


@pytest.mark.parametrize("end", ["commit", "rollback"])
async def test_what_is_local_ends_with_its_transaction(
    make_async_engine: MakeAsyncEngine, round_: int, end: str
) -> None:
    async with make_async_engine().connect() as connection:
        before = (await connection.execute(text(LOCAL))).one()
        await connection.execute(select(func.set_config("canary.tenant", "a", True)))
        await connection.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
        assert (await connection.execute(text(LOCAL))).one() == ("a", "Asia/Tokyo")
        await getattr(connection, end)()
        assert (await connection.execute(text(LOCAL))).one() == ("", before.zone)


async def test_what_a_select_writes_is_undone_by_a_rollback(
    make_async_engine: MakeAsyncEngine, round_: int
) -> None:
    async with make_async_engine().connect() as connection:
        assert await connection.scalar(text(WRITING_SELECT)) == 1
        await connection.rollback()
        assert await count_async(connection) == 0


@pytest.fixture
async def orphan(make_async_engine: MakeAsyncEngine) -> AsyncIterator[None]:
    async with AsyncSession(make_async_engine()) as session:
        await session.execute(text(ORPHAN))
        yield


def test_rows_that_break_a_deferred_constraint_are_reported(orphan: None, round_: int) -> None:
    with pytest.raises(IsolationError, match=r'no commit would accept: .* table "canary_child"'):
        runtime().seam.rows.roll_back()
