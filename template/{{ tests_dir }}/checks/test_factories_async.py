# mypy: ignore-errors
"""Checks that factories hold: rows of every mapped class are saved, and read back as they were."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from test_harness.factories.base import factory_for
from test_harness.factories.contract import (
    ROWS,
    classes_with_factories,
    explained,
    has_many_rows,
    rows_of,
)
from test_harness.factories.read_back import assert_read_back

pytestmark = pytest.mark.integration

MODELS = classes_with_factories()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
async def test_rows_are_saved_and_read_back(model: type[Any], db: AsyncSession) -> None:
    with explained(model):
        made = await factory_for(model).create_batch_async(rows_of(model))
    await db.run_sync(assert_read_back, made)


async def test_rows_of_all_classes_get_along_in_any_order(db: AsyncSession) -> None:
    models = [model for model in MODELS if has_many_rows(model)]
    made = []
    for model in [*models, *random.sample(models * ROWS, len(models) * ROWS)]:
        with explained(model):
            made.append(await factory_for(model).create_async())
    assert [row for row in made if inspect(row).identity is None] == []
