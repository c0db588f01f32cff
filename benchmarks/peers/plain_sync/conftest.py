"""No isolation: what a test commits stays, so each needs an email of its own."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from app import database_sync
from app.models import Base


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    Base.metadata.create_all(database_sync.engine)
    yield database_sync.engine
    database_sync.engine.dispose()
