"""How long it takes to make a client, logged in or not, and to send its first request; in turns."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import UserFactory

TURNS = 300


@pytest.fixture
def record() -> Callable[[str], Any]:
    return Path("clients.json").write_text


async def test_clients(
    make_client: Callable[..., Any], client_as: Callable[..., Any], record: Callable[[str], None]
) -> None:
    users = [await UserFactory.create_async() for _ in range(TURNS)]
    anonymous, authenticated = [], []
    for user in users:
        start = time.perf_counter()
        client = make_client()
        await client.get("/health")
        middle = time.perf_counter()
        logged_in = await client_as(user)
        await logged_in.get("/health")
        end = time.perf_counter()
        anonymous.append(middle - start)
        authenticated.append(end - middle)
    # Each is the client of its user, or the figure would mean nothing.
    assert (await client.get("/me")).status_code == 401
    assert (await logged_in.get("/me")).json() == {"email": users[-1].email}
    medians = [statistics.median(times) * 1000 for times in (anonymous, authenticated)]
    record(json.dumps(medians))
