# mypy: ignore-errors
"""Checks that the application starts and answers."""

from __future__ import annotations

import httpx2
import pytest
from test_harness.application.assertions import assert_status
from test_harness.settings import settings

pytestmark = pytest.mark.api

SERVER_ERROR = 500
SERVICE_UNAVAILABLE = 503


@pytest.mark.needs("application.health_path", "health route")
async def test_the_health_route_answers(client: httpx2.AsyncClient) -> None:
    response = await client.get(settings().application.health_path)
    if response.status_code == SERVICE_UNAVAILABLE:
        pytest.skip(f"a service that it asks for is not here: {response.text[:200]}")
    assert_status(response, 200)


async def test_an_unknown_path_is_no_error(client: httpx2.AsyncClient) -> None:
    response = await client.get("/test-harness-no-such-path")
    # A page for whatever is not found, or a demand to log in, is fine as well.
    assert response.status_code < SERVER_ERROR, response.text[:500]
