"""An application with two databases has two in tests, and nothing of either outlives its test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from canaries.rows import Row, Second, add, count
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


def test_what_is_in_one_is_not_in_the_other(make_engine: MakeEngine, round_: int) -> None:
    first, second = make_engine(), make_engine(asks_for="second")
    for engine, names in ((first, ["one"]), (second, ["two", "three"])):
        with engine.begin() as connection:
            assert count(connection) == 0
            for name in names:
                add(connection, name)
    for engine, rows in ((first, 1), (second, 2)):
        with engine.connect() as connection:
            assert count(connection) == rows


def test_a_rollback_in_one_leaves_the_other(make_engine: MakeEngine, round_: int) -> None:
    first, second = make_engine(), make_engine(asks_for="second")
    with Session(first) as one, Session(second) as two:
        add(one, "undone")
        add(two, "kept")
        two.commit()
        one.rollback()
        assert (count(one), count(two)) == (0, 1)


def test_one_session_writes_to_both(make_engine: MakeEngine, round_: int) -> None:
    binds = {Row: make_engine(), Second: make_engine(asks_for="second")}
    with Session(binds=binds) as session:
        session.add_all([Row(name="one"), Second(name="two")])
        session.commit()
    with Session(binds=binds) as session:
        for model in binds:
            assert session.scalar(select(func.count()).select_from(model)) == 1


def test_a_reader_sees_what_the_writer_wrote(make_engine: MakeEngine, round_: int) -> None:
    writer, reader = make_engine(), make_engine(asks_for="replica")
    with Session(writer) as writing:
        add(writing, "kept")
        writing.commit()
    with Session(reader) as reading:
        assert count(reading) == 1


@pytest.mark.real_commits
def test_real_commits_in_both(make_engine: MakeEngine, round_: int) -> None:
    first, second = make_engine(), make_engine(asks_for="second")
    with first.connect() as one, second.connect() as two:
        assert (count(one), count(two)) == (0, 0)
        add(one, "one")
        add(two, "two")
        two.commit()
        with second.connect() as beside:
            assert count(beside) == 1
        with first.connect() as beside:
            assert count(beside) == 0


def test_each_tenant_has_a_database(make_engine: MakeEngine, round_: int) -> None:
    tenants = [make_engine(asks_for="tenant_a"), make_engine(asks_for="tenant_b")]
    for engine in tenants:
        with engine.begin() as connection:
            assert count(connection) == 0
            add(connection, "one")
