# mypy: ignore-errors
"""Checks of the routes in `requests.toml`: who may, what is written, what lists show."""

from __future__ import annotations

from typing import Any

import pytest
from test_harness.fixtures.walk_async import Look
from test_harness.walk.looking import routes, unknown

pytestmark = pytest.mark.integration


async def test_somebody_has_said_of_each_route_who_may(started_app: Any) -> None:
    assert unknown(started_app) == [], "Run `test-harness routes`, and review what it adds."


@pytest.mark.security
@pytest.mark.parametrize("route", routes())
async def test_only_who_may_is_granted_and_refused_means_untouched(look: Look, route: str) -> None:
    await look(route, "access")


@pytest.mark.security
@pytest.mark.parametrize("route", routes())
async def test_input_is_data_and_no_more_is_written_or_shown_than_meant(
    look: Look, route: str
) -> None:
    await look(route, "input")


@pytest.mark.parametrize("route", routes())
async def test_odd_input_is_answered_and_lists_have_each_row_once_at_the_same_cost(
    look: Look, route: str
) -> None:
    await look(route, "answers")
