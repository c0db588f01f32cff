"""What several do with one row at once, whatever the model is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.util import greenlet_spawn

from test_harness.watch.race_models import impatient_engines, touchable


async def write_anew(engine: AsyncEngine, binds: Any, row: Any) -> None:
    """Read a row in a session of its own, and write it, as whoever edits it does.

    Args:
        engine: That of the suite.
        binds: The engines of tables that are in other databases.
        row: As the test's session has it.
    """
    async with AsyncSession(engine, binds=binds) as session:
        found = await session.get(type(row), inspect(row).identity)
        flag_modified(found, touchable(type(row)))
        await session.commit()


async def impatience(engine: AsyncEngine) -> list[str]:
    """Return of which engines of the application, on SQLite, two that write at once may fail."""
    return await greenlet_spawn(impatient_engines, engine.sync_engine)
