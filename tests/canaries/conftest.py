"""Engines made as an application makes its own, with an address that must never be reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from canaries.rows import CLOCK_TABLES, TABLES, WRITERS
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from test_harness.isolation.one_connection import one_connection
from test_harness.runtime.canary import decoy_url
from test_harness.runtime.process import runtime
from test_harness.runtime.schema import sync_engine
from test_harness.settings import settings


@pytest.fixture(scope="session", autouse=True)
def tables(database: None) -> None:
    """Create tables and functions for good, before the connection is opened that tests share."""
    of_run = runtime().database
    made = [CLOCK_TABLES[of_run.engine], *(TABLES if of_run.engine != "mysql" else ())]
    made += [WRITERS[of_run.engine]] if of_run.engine in WRITERS else []
    with (
        runtime().seam.real_connections(of_run),
        sync_engine(of_run) as engine,
        engine.begin() as connection,
    ):
        for statement in made:
            connection.execute(text(statement))


def address_of(name: str) -> URL:
    url = decoy_url(settings().database)
    file = f"{name}.sqlite3" if name and settings().database.engine == "sqlite" else name
    return url.set(database=file or url.database)


@pytest.fixture
def on_one_connection() -> None:
    """Have the test stay there, and be warned of what it asks for in vain."""
    one_connection.stay()


@pytest.fixture
def make_engine(database: None) -> Iterator[Callable[..., Engine]]:
    engines = []

    def make(
        driver: str = settings().database.driver, asks_for: str = "", **options: Any
    ) -> Engine:
        url = address_of(asks_for)
        engines.append(
            create_engine(url.set(drivername=f"{url.get_backend_name()}+{driver}"), **options)
        )
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
async def make_async_engine(database: None) -> AsyncIterator[Callable[..., AsyncEngine]]:
    engines = []

    def make(asks_for: str = "", **options: Any) -> AsyncEngine:
        engines.append(create_async_engine(address_of(asks_for), **options))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.dispose()
