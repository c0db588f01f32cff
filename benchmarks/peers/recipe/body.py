"""The test that the other suites repeat, in the session that is rolled back."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from typing import Any

import app.main  # noqa: F401 - any suite of a web application has it loaded
from app.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session


def test_the_database_is_there(engine: Any) -> None:
    assert engine is not None


def test_user(session: Session) -> None:
    email = "user@example.com"
    session.add(User(email=email, name="Somebody"))
    session.commit()
    found = session.scalars(select(User).where(User.email == email)).all()
    assert len(found) == 1
