"""The four tests that pytest-alembic brings along."""

from __future__ import annotations

import os
from typing import Any

import pytest
from pytest_alembic.tests import (  # type: ignore[import-not-found]
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)

__all__ = [
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
]


@pytest.fixture
def alembic_config() -> dict[str, Any]:
    return {"file": "alembic.ini", "sqlalchemy.url": os.environ["PEER_URL"]}
