"""Each fault is found by the oracle that is meant for it, and nothing is said of what is right."""

from __future__ import annotations

from typing import Any

import pytest
from catching import Variant, book_of, caught, load, look, observe, variants
from serving import clients_of

from test_harness.walk.driving_async import drive

HEALTHY = load("app")
BOOK = book_of(HEALTHY)


@pytest.fixture(scope="session")
def observed() -> list[str]:
    """Remember whether it was written who is answered what."""
    return []


@pytest.fixture(autouse=True)
async def as_observed(clients: Any, db: Any, observed: list[str]) -> None:
    if not observed:
        await drive(observe([*BOOK.operations.values()], BOOK), clients(HEALTHY), db)
        observed.append("access.toml")


@pytest.fixture
def clients(make_client: Any, request: pytest.FixtureRequest) -> Any:
    """Return a function that returns what makes clients on an application."""
    return lambda app: clients_of(app, request)


@pytest.mark.parametrize("route", BOOK.recipes)
async def test_nothing_is_said_of_what_is_right(clients: Any, db: Any, route: str) -> None:
    assert await drive(look(BOOK, route), clients(HEALTHY), db) == []


@pytest.mark.parametrize("variant", variants(), ids=lambda it: it.what)
async def test_what_is_wrong_is_found_by_its_oracle(
    clients: Any, db: Any, variant: Variant
) -> None:
    app = load(variant.module)
    book = book_of(app) if variant.takes else BOOK
    said = await drive(look(book, variant.route, variant.oracle), clients(app), db)
    assert caught(variant, said), (variant, said)
