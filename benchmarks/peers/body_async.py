"""The test that every asynchronous suite repeats; see `body_sync.py`."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from typing import Any

import app.main  # noqa: F401 - any suite of a web application has it loaded
from app.database_async import SessionLocal
from app.models import User
from sqlalchemy import select


async def test_the_database_is_there(engine: Any) -> None:
    assert engine is not None


async def test_user() -> None:
    email = "user@example.com"
    async with SessionLocal() as session:
        session.add(User(email=email, name="Somebody"))
        await session.commit()
        found = (await session.scalars(select(User).where(User.email == email))).all()
        assert len(found) == 1
