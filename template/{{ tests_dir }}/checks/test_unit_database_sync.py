# mypy: ignore-errors
"""Canaries for the database of tests marked `unit`, which is another one than the rest has."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from test_harness.runtime.canary import COUNT, INSERT
from test_harness.settings import settings

twice = pytest.mark.parametrize("round_", [1, 2])


@twice
@pytest.mark.unit
def test_a_commit_of_a_unit_test_does_not_outlive_it(db: Session, round_: int) -> None:
    assert db.get_bind().dialect.name == settings().database.unit_engine
    assert db.scalar(text(COUNT)) == 0
    db.execute(text(INSERT), {"name": "commit"})
    db.commit()
    assert db.scalar(text(COUNT)) == 1


@pytest.mark.integration
def test_other_tests_work_on_the_real_one(db: Session) -> None:
    assert db.get_bind().dialect.name == settings().database.engine
    assert db.scalar(text(COUNT)) == 0
