"""The recipe of many tutorials: every table is made before each test and dropped after it."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from app import database_sync
from app.models import Base


@pytest.fixture(autouse=True)
def engine() -> Iterator[Any]:
    Base.metadata.create_all(database_sync.engine)
    yield database_sync.engine
    Base.metadata.drop_all(database_sync.engine)
