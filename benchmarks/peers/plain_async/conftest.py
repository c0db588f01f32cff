"""No isolation: what a test commits stays, so each needs an email of its own."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from app import database_async
from app.models import Base


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[Any]:
    async with database_async.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database_async.engine
    await database_async.engine.dispose()
