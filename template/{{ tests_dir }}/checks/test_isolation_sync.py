# mypy: ignore-errors
"""Canaries: each test leaves something behind on purpose, and finds nothing another one left.

The engine below is made as an application makes its own, with an address that must never be
reached.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from test_harness.runtime.canary import COUNT, INSERT, decoy_url
from test_harness.settings import settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("isolation")]

twice = pytest.mark.parametrize("round_", [1, 2])


@pytest.fixture
def application_engine(database: None) -> Iterator[Engine]:
    engine = create_engine(decoy_url(settings().database))
    yield engine
    engine.dispose()


@twice
def test_a_commit_does_not_outlive_its_test(application_engine: Engine, round_: int) -> None:
    with Session(application_engine) as session:
        assert session.scalar(text(COUNT)) == 0
        session.execute(text(INSERT), {"name": "commit"})
        session.commit()
        assert session.scalar(text(COUNT)) == 1


@twice
def test_a_commit_after_a_rollback_does_not_outlive_its_test(
    application_engine: Engine, round_: int
) -> None:
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "undone"})
        session.rollback()
        assert session.scalar(text(COUNT)) == 0
        session.execute(text(INSERT), {"name": "kept"})
        session.commit()
    with Session(application_engine) as session:
        assert session.scalar(text(COUNT)) == 1


def test_a_violated_constraint_leaves_the_test_usable(
    application_engine: Engine,
) -> None:
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "taken"})
        session.commit()
        with pytest.raises(IntegrityError):
            session.execute(text(INSERT), {"name": "taken"})
        session.rollback()
        assert session.scalar(text(COUNT)) == 1


def test_a_nested_transaction_rolls_back_alone(application_engine: Engine) -> None:
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "outer"})
        nested = session.begin_nested()
        session.execute(text(INSERT), {"name": "inner"})
        nested.rollback()
        session.commit()
        assert session.scalar(text(COUNT)) == 1


def test_the_test_sees_what_the_application_committed(
    application_engine: Engine, db: Session
) -> None:
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "committed"})
        session.commit()
    assert db.scalar(text(COUNT)) == 1


def test_a_rollback_of_the_application_leaves_the_rows_of_the_test(
    application_engine: Engine, db: Session
) -> None:
    db.execute(text(INSERT), {"name": "of the test"})
    with Session(application_engine) as session:
        session.execute(text(INSERT), {"name": "of the application"})
        session.rollback()
    assert db.scalar(text(COUNT)) == 1


@pytest.fixture
def left_open(application_engine: Engine) -> Iterator[Session]:
    session = Session(application_engine)
    yield session
    session.close()


@twice
def test_a_session_left_open_does_not_reach_the_next_test(left_open: Session, round_: int) -> None:
    assert left_open.scalar(text(COUNT)) == 0
    left_open.execute(text(INSERT), {"name": "left open"})
