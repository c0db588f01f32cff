"""Makes the schema of the test database, and starts the application on it."""

from __future__ import annotations

import pytest

from test_harness.settings import settings


def test_start(request: pytest.FixtureRequest) -> None:
    has_framework = settings().application.framework != "none"
    request.getfixturevalue("started_app" if has_framework else "database")
