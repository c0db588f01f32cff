"""Looks at the application's engines: their driver, and what they tell SQLite as they connect."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from test_harness.databases.database import engine_of
from test_harness.isolation import pragmas
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


async def test_pragmas(started_app: Any, notebook: Notebook, tmp_path: Path) -> None:
    asked = [one for _, one in pragmas.engines_that_ask()]
    # Only what a later test can ask SQLite for, and what two engines agree on.
    known = {
        name: value
        for each in asked
        for name, value in each.items()
        if pragmas.meaning(name, value, tmp_path) is not None
        and {value} == {one[name] for one in asked if name in one}
    }
    if known:
        what = "the application sets that as it connects"
        notebook.saw("database.pragmas", pragmas.shown(known), what)
