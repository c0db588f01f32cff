"""Engines made as an application makes its own, with an address that must never be reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from canaries.rows import TABLES
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from test_harness.runtime.canary import decoy_url
from test_harness.runtime.process import runtime
from test_harness.runtime.schema import sync_engine
from test_harness.settings import settings


@pytest.fixture(scope="session", autouse=True)
def tables(database: None) -> None:
    """Create tables for good, before the connection is opened that tests share."""
    of_run = runtime().database
    if of_run.engine != "mysql":
        with (
            runtime().seam.real_connections(of_run),
            sync_engine(of_run) as engine,
            engine.begin() as connection,
        ):
            for table in TABLES:
                connection.execute(text(table))


@pytest.fixture
def make_engine(database: None) -> Iterator[Callable[..., Engine]]:
    engines = []

    def make(driver: str = settings().database.driver, **options: Any) -> Engine:
        url = decoy_url(settings().database)
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

    def make(**options: Any) -> AsyncEngine:
        engines.append(create_async_engine(decoy_url(settings().database), **options))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.dispose()
