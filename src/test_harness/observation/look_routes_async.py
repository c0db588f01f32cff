"""Walks over the routes once, for as long as it takes: each request has its own limit."""

from __future__ import annotations

from typing import Any

import pytest

from test_harness.auth.flows.steps_async import MakeClient
from test_harness.observation.routes import Walker
from test_harness.walk.driving_async import drive


@pytest.mark.timeout(0)
async def test_routes(started_app: Any, make_client: MakeClient, db: Any, walker: Walker) -> None:
    await drive(walker.steps(started_app), make_client, db)
