"""What has a server reach out of its test, through a synchronous driver; each twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import ALWAYS_OUT, NO_WAYS_OUT, WAYS_OUT, count
from sqlalchemy import Engine, text

from test_harness import DatabaseLockedError
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
