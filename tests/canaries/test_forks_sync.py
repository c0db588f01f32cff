"""Children made by fork while their parent goes on, with a synchronous driver; each twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from canaries.forked import REFUSED, said_by_child
from canaries.rows import add, count
from sqlalchemy import Engine, text

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


@pytest.mark.parametrize("through", ["its own engine", "an engine", "a connection", "a cursor"])
def test_a_forked_child_is_refused_while_its_parent_goes_on(
    make_engine: MakeEngine, round_: int, through: str
) -> None:
    engine = make_engine()
    with engine.connect() as connection:
        add(connection, "of the parent")
        cursor: Any = connection.connection.cursor()
        tried: dict[str, Callable[[], Any]] = {
            "its own engine": lambda: count(make_engine().connect()),
            "an engine": lambda: count(engine.connect()),
            "a connection": lambda: count(connection),
            "a cursor": lambda: cursor.execute("SELECT 1"),
        }
        with said_by_child(tried[through]) as said:
            for _ in range(20):
                assert count(connection) == 1
        assert REFUSED.search(said[0]), said
        connection.commit()
        assert count(connection) == 1
        connection.execute(text("SELECT 1"))


def test_a_forked_child_that_asks_for_nothing(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        add(connection, "of the parent")
        child = os.fork()
        if child == 0:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert count(connection) == 1
