"""The session of tests and scenarios, around which is what the application has in a request."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.session import _sessions

from test_harness.application.loading import surroundings
from test_harness.errors import HarnessError


def let_go_of_connections() -> None:
    """Close the sessions there are, which connect anew when they are used again.

    One that the whole application shares has a connection of the test before, which leads to
    another database than the next one. Asynchronous ones are closed where this is called in a
    SQLAlchemy greenlet.
    """
    for session in [*_sessions.values()]:
        # A thread may be using it, it may be of another loop, and its connection may be lost.
        with contextlib.suppress(SQLAlchemyError, HarnessError):
            session.close()


class SuiteSession(Session):
    """Writes as the application does, whose listeners may ask for the context of Flask."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is pending."""
        with surroundings():
            super().flush(objects)

    def commit(self) -> None:
        """Write what is pending, and keep it."""
        with surroundings():
            super().commit()
