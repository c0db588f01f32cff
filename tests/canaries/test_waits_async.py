"""Where one engine waits for another, it does not wait for ever, and says for whom."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from canaries.rows import IMPATIENT, PATIENCE, add_async
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from test_harness.settings import settings

pytestmark = pytest.mark.real_commits

MakeEngine = Callable[..., AsyncEngine]


async def test_a_wait_has_a_limit(make_async_engine: MakeEngine) -> None:
    async with make_async_engine().connect() as connection:
        question, seconds = PATIENCE[settings().database.engine]
        assert await connection.scalar(text(question)) == seconds


async def test_who_waited_in_vain_is_told_for_whom(make_async_engine: MakeEngine) -> None:
    first, second = make_async_engine(), make_async_engine()

    @event.listens_for(second.sync_engine, "connect")
    def hurry(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(IMPATIENT[settings().database.engine])
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]

    async with first.connect() as holding, second.connect() as waiting:
        await add_async(holding, "wanted")
        with pytest.raises(DBAPIError, match="waited in vain for a lock in") as error:
            await add_async(waiting, "wanted")
    # Both sides with their lines: who waited, and where the one that holds it has connected.
    assert re.search(r"rows\.py:\d+, waited in vain for a lock in .*;", str(error.value))
    assert re.search(r"connected at tests/canaries/test_waits_\w+\.py:\d+", str(error.value))
    assert "s3cret" not in str(error.value)
