"""Looks at which driver the application's engines have: sessions of tests see what those see."""

from __future__ import annotations

import gc
from typing import Any

from sqlalchemy.engine import Engine

from test_harness.databases.database import engine_of
from test_harness.observation.notebook import Notebook
from test_harness.settings import settings


async def test_driver(started_app: Any, notebook: Notebook) -> None:
    known = settings().database
    mode = settings().application.mode
    drivers = {
        engine.dialect.driver
        for engine in gc.get_objects()
        if issubclass(type(engine), Engine)
        and engine_of(engine.dialect.name) == known.engine
        and (mode == "both" or engine.dialect.is_async is (mode == "async"))
    }
    # Two drivers cannot share a connection, and an address without one means another in time.
    if len(drivers) == 1 and known.driver not in drivers:
        [driver] = drivers
        notebook.saw("database.driver", driver, "the engine of the application has that driver")
