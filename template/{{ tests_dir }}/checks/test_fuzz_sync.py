# mypy: ignore-errors
"""Checks of what each route does with whatever its schemas allow, made by chance."""

from __future__ import annotations

import pytest
from test_harness.fixtures.walk_sync import Look
from test_harness.walk.looking import routes

pytestmark = [pytest.mark.integration, pytest.mark.fuzz]


@pytest.mark.parametrize("route", routes())
def test_whatever_the_schema_allows_is_answered_as_it_says(look: Look, route: str) -> None:
    look(route, "fuzz")
