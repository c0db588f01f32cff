"""The session of tests and scenarios, around which is what the application has in a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from test_harness.application.loading import surroundings


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
