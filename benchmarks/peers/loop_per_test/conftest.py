"""An event loop, and so an engine and a connection, for each test: pytest-asyncio's default.

The transaction around a test is the recipe of SQLAlchemy's documentation: "Joining a Session into
an External Transaction", https://docs.sqlalchemy.org/en/20/orm/session_transaction.html
"""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from app.database_async import SessionLocal
from app.models import Base
from sqlalchemy.ext.asyncio import create_async_engine


async def make_schema() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@pytest.fixture(scope="session")
def schema() -> None:
    asyncio.run(make_schema())


@pytest.fixture(autouse=True)
async def engine(schema: None) -> AsyncIterator[Any]:
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.connect() as connection:
        transaction = await connection.begin()
        SessionLocal.configure(bind=connection, join_transaction_mode="create_savepoint")
        yield engine
        await transaction.rollback()
    await engine.dispose()
