# mypy: ignore-errors
"""Checks of `@pytest.mark.real_commits`: several connections, on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from test_harness.runtime.canary import COUNT, INSERT, decoy_url
from test_harness.settings import settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("real commits")]

twice = pytest.mark.parametrize("round_", [1, 2])


@pytest.fixture
def application_engine(database: None) -> Iterator[Engine]:
    engine = create_engine(decoy_url(settings().database))
    yield engine
    engine.dispose()


@twice
@pytest.mark.real_commits
def test_a_commit_is_seen_by_another_connection(application_engine: Engine, round_: int) -> None:
    with Session(application_engine) as writer:
        assert writer.scalar(text(COUNT)) == 0
        writer.execute(text(INSERT), {"name": "committed"})
        with Session(application_engine) as reader:
            assert reader.scalar(text(COUNT)) == 0
        writer.commit()
        with Session(application_engine) as reader:
            assert reader.scalar(text(COUNT)) == 1


@pytest.mark.real_commits
def test_a_rollback_leaves_what_another_session_committed(
    application_engine: Engine, db: Session
) -> None:
    assert db.scalar(text(COUNT)) == 0
    db.rollback()
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "committed"})
        session.commit()
    assert db.scalar(text(COUNT)) == 1


def test_nothing_of_it_reaches_the_other_tests(db: Session) -> None:
    assert db.scalar(text(COUNT)) == 0
