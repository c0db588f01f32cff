"""Databases take the time from the test, and from nobody else: each twice, and none for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from canaries.rows import ASK, MADE, MAKE, days
from sqlalchemy import Connection, Engine, text

from test_harness.fixtures.clock import Clock
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]
ENGINE = settings().database.engine
THEN, NEXT = {"2031-06-15"}, {"2031-06-16"}


def made(connection: Connection, number: int) -> set[str]:
    """Make a row, and return the days that it has by default."""
    connection.execute(text(MAKE), {"id": number})
    return days((connection.execute(text(MADE), {"id": number})).one())


def asked(connection: Connection) -> set[str]:
    """Return the days that the database says it is."""
    row = (connection.execute(text(ASK[ENGINE]))).one()
    assert row[-1] == "now()"
    return days(row)


def test_the_time_of_the_test(make_engine: MakeEngine, clock: Clock, round_: int) -> None:
    engine = make_engine()
    with engine.begin() as connection:
        assert not (made(connection, 1) | asked(connection)) & THEN
    clock.set("2031-06-15T12:00", database=True)
    with engine.begin() as connection:
        assert asked(connection) == THEN
        assert made(connection, 2) == THEN
        clock.move(days=1)
        assert made(connection, 3) == NEXT
        assert asked(connection) == NEXT
        clock.reset()
        assert not (made(connection, 4) | asked(connection)) & (THEN | NEXT)


def test_the_time_outlives_what_the_application_rolls_back(
    make_engine: MakeEngine, clock: Clock, round_: int
) -> None:
    engine = make_engine()
    clock.set("2031-06-15T12:00", database=True)
    with engine.connect() as connection:
        for number in (1, 2):
            assert made(connection, number) == THEN
            connection.rollback()
    with engine.begin() as connection:
        assert made(connection, 1) == THEN


def test_the_time_of_the_process_alone(make_engine: MakeEngine, clock: Clock, round_: int) -> None:
    clock.set("2031-06-15T12:00")
    with make_engine().begin() as connection:
        assert not (made(connection, 1) | asked(connection)) & THEN
    assert datetime.now(timezone.utc).isoformat() == "2031-06-15T12:00:00+00:00"


def test_a_clock_that_goes_on(make_engine: MakeEngine, clock: Clock, round_: int) -> None:
    clock.set("2031-06-15T12:00", ticks=True, database=True)
    with make_engine().begin() as connection:
        assert asked(connection) == THEN
        assert [made(connection, number) for number in (1, 2)] == [THEN, THEN]
