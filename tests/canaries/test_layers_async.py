"""Layers on top of SQLAlchemy's asyncio, as their documentation uses them, each twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress

import pytest
from alchemical import Model
from alchemical.aio import Alchemical
from canaries.rows import Row
from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlmodel import Field, SQLModel
from sqlmodel import select as select_models
from sqlmodel.ext.asyncio.session import AsyncSession as SQLModelSession

from test_harness.runtime.canary import decoy_url
from test_harness.settings import settings

with warnings.catch_warnings():
    # It uses what SQLAlchemy 2.1 advises against.
    warnings.simplefilter("ignore")
    from advanced_alchemy.repository import SQLAlchemyAsyncRepository
    from advanced_alchemy.service import SQLAlchemyAsyncRepositoryService

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., AsyncEngine]


class SQLModelRow(SQLModel, table=True):
    __tablename__ = "test_harness_canary"

    name: str = Field(primary_key=True)


async def test_sqlmodel(make_async_engine: MakeEngine, round_: int) -> None:
    async with SQLModelSession(make_async_engine()) as session:
        assert (await session.exec(select_models(SQLModelRow))).all() == []
        session.add(SQLModelRow(name="kept"))
        await session.commit()
        session.add(SQLModelRow(name="undone"))
        await session.flush()
        await session.rollback()
        assert [row.name for row in await session.exec(select_models(SQLModelRow))] == ["kept"]


class AlchemicalRow(Model):
    __tablename__ = "test_harness_canary"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)


async def test_alchemical(database: None, round_: int) -> None:
    db = Alchemical(decoy_url(settings().database).render_as_string(hide_password=False))
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(AlchemicalRow)) == 0
        session.add(AlchemicalRow(name="kept"))
    with suppress(ZeroDivisionError):
        async with db.begin() as session:
            session.add(AlchemicalRow(name="undone"))
            await session.flush()
            session.add(AlchemicalRow(name=f"never {1 / 0}"))
    async with db.Session() as session:
        assert (await session.scalars(AlchemicalRow.select())).one().name == "kept"
    await db.get_engine().dispose()


class RowRepository(SQLAlchemyAsyncRepository[Row]):
    model_type = Row
    id_attribute = "name"


class RowService(SQLAlchemyAsyncRepositoryService[Row]):
    repository_type = RowRepository


async def test_advanced_alchemys_repository(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine(), expire_on_commit=False) as session:
        repository = RowRepository(session=session)
        assert await repository.count() == 0
        await repository.add_many([Row(name="one"), Row(name="two")], auto_commit=True)
        await repository.add(Row(name="undone"))
        await session.rollback()
        assert await repository.count() == 2


async def test_advanced_alchemys_service(make_async_engine: MakeEngine, round_: int) -> None:
    async with AsyncSession(make_async_engine(), expire_on_commit=False) as session:
        service = RowService(session=session)
        assert await service.count() == 0
        await service.create({"name": "kept"}, auto_commit=True)
        await service.create({"name": "undone"})
        await session.rollback()
        assert [row.name for row in await service.get_many()] == ["kept"]
