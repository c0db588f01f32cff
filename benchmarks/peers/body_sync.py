"""The test that every synchronous suite repeats; the unique email is what makes it need isolation.

`isolation.py` writes it out as often as it wants, under other names.
"""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from typing import Any

import app.main  # noqa: F401 - any suite of a web application has it loaded
from app.database_sync import SessionLocal
from app.models import User
from sqlalchemy import select


def test_the_database_is_there(engine: Any) -> None:
    assert engine is not None


def test_user() -> None:
    email = "user@example.com"
    with SessionLocal() as session:
        session.add(User(email=email, name="Somebody"))
        session.commit()
        found = session.scalars(select(User).where(User.email == email)).all()
        assert len(found) == 1
