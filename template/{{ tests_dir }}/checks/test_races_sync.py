# mypy: ignore-errors
"""Checks of what several do at once, on connections of their own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from test_harness.factories.base import factory_for
from test_harness.fixtures.race_sync import Race
from test_harness.settings import settings
from test_harness.watch.race_models import versioned_classes
from test_harness.watch.race_rows_sync import impatience, write_anew

pytestmark = [
    pytest.mark.integration,
    pytest.mark.concurrency,
    pytest.mark.xdist_group("real commits"),
]

VERSIONED = versioned_classes()


@pytest.mark.skipif(not VERSIONED, reason="no model has a version_id_col")
@pytest.mark.parametrize("model", VERSIONED, ids=lambda model: model.__name__)
def test_of_two_that_edit_a_row_one_is_told(
    model: type[Any], race: Race, db: Session, engine: Engine, binds: Any
) -> None:
    row = factory_for(model).create()
    outcomes = race(2, lambda _: write_anew(engine, binds, row))
    outcomes.assert_one_won(refused=StaleDataError)


@pytest.mark.skipif(settings().database.engine != "sqlite", reason="a server waits for others")
def test_writers_wait_for_each_other(engine: Engine) -> None:
    assert impatience(engine) == []
