"""What has a server reach out of its test, through a synchronous driver; each twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import pytest
from canaries.rows import ALWAYS_OUT, NO_WAYS_OUT, WAYS_OUT, add, count
from sqlalchemy import Engine, text

from test_harness import DatabaseLockedError, IsolationError
from test_harness.settings import settings

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]


@pytest.mark.parametrize("statement", WAYS_OUT[settings().database.engine])
def test_a_way_out_of_the_server_is_refused(
    make_engine: MakeEngine, round_: int, statement: str
) -> None:
    with make_engine().connect() as connection:
        with pytest.raises(DatabaseLockedError, match=r"test_servers_\w+\.py:\d+ had the server"):
            connection.execute(text(statement))
        raw: Any = connection.connection.cursor()
        with pytest.raises(DatabaseLockedError, match="had the server reach"):
            raw.execute(statement)
        assert count(connection) == 0


@pytest.mark.parametrize("statement", NO_WAYS_OUT[settings().database.engine])
def test_what_only_looks_like_a_way_out_is_sent(
    make_engine: MakeEngine, round_: int, statement: str
) -> None:
    with make_engine().connect() as connection:
        connection.execute(text(statement))


@pytest.mark.real_commits
def test_a_way_out_is_refused_with_real_commits(make_engine: MakeEngine, round_: int) -> None:
    statement = ALWAYS_OUT[settings().database.engine]
    engine = make_engine(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        with pytest.raises(DatabaseLockedError, match=r"test_servers_\w+\.py:\d+ had the server"):
            connection.execute(text(statement))
        assert count(connection) == 0


ENGINES: dict[int, Engine] = {}


def use(is_own: bool) -> None:
    """Use an engine that has not connected yet, or what one has open."""
    with ENGINES[is_own].connect() as connection:
        count(connection)


def test_a_forked_child_is_refused_while_its_parent_goes_on(
    make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch, round_: int
) -> None:
    for engine in (make_engine(), make_engine()):
        monkeypatch.setitem(ENGINES, len(ENGINES), engine)
    with ENGINES[0].connect() as connection:
        add(connection, "of the parent")
        with get_context("fork").Pool(1) as children:
            tried = [children.apply_async(use, (is_own,)) for is_own in (True, False)]
            for _ in range(20):
                assert count(connection) == 1
            for one in tried:
                with pytest.raises(IsolationError, match=r"py:\d+ used the database in a child"):
                    one.get(timeout=30)
        connection.commit()
        assert count(connection) == 1


def test_a_forked_child_that_asks_for_nothing(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        add(connection, "of the parent")
        child = os.fork()
        if child == 0:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert count(connection) == 1
