"""What the driver does with routes of an event loop that do not end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from test_harness.settings import correct
from test_harness.walk.driving_async import drive
from test_harness.walk.steps import Sending, Steps
from test_harness.walk.visit import Request, Visit


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    """Give each request a second."""
    correct({"limits.request": 1})
    yield
    correct({})


@pytest.fixture
def visited(make_client: Any, db: Any) -> Any:
    """Return a function that sends a request, and another one after it."""

    def steps(method: str, path: str) -> Steps[tuple[Visit, Visit]]:
        visit = yield Sending(Request(method, path))
        after = yield Sending(Request("GET", "/moved"))
        return visit, after

    async def send(said: str) -> Visit:
        began = time.monotonic()
        visit, after = await drive(steps(*said.split()), make_client, db)
        assert time.monotonic() - began < 12
        assert after.status == 307
        return visit

    return send


@pytest.mark.parametrize("path", ["/block", "/stubborn", "/thread"])
async def test_what_does_not_end_is_cut_off(visited: Any, path: str) -> None:
    visit = await visited(f"GET {path}")
    assert (visit.status, visit.ended) == (0, False)
    assert "kiosk/ways.py" in visit.error


async def test_a_stream_is_cut_off_and_has_begun_to_answer(visited: Any) -> None:
    visit = await visited("GET /stream")
    assert (visit.status, visit.ended) == (200, False)
    assert visit.seconds < 2


async def test_who_cancels_everything_cancels_the_request_only(visited: Any) -> None:
    visit = await visited("GET /cancel")
    assert visit.ended


async def test_what_is_begun_for_good_is_waited_for_once(visited: Any) -> None:
    first = await visited("POST /forever")
    second = await visited("POST /forever")
    assert (first.status, second.status) == (200, 200)
    assert second.seconds < 0.3 < first.seconds
