"""Checks that the application starts and answers."""

from __future__ import annotations

import pytest

from harness.assertions import assert_status
from harness.fixtures.client_sync import Client
from harness.settings import settings

pytestmark = pytest.mark.api


@pytest.mark.skipif(not settings().application.health_path, reason="no health_path in harness.toml")
def test_the_health_route_answers(client: Client) -> None:
    assert_status(client.get(settings().application.health_path), 200)


def test_an_unknown_path_is_not_found(client: Client) -> None:
    assert_status(client.get("/test-harness-no-such-path"), 404)
