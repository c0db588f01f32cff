"""What one connection cannot give on PostgreSQL a test gets on real ones; each twice."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from canaries.rows import add, count
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from test_harness.runtime.process import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]

STAGING = "CREATE TEMPORARY TABLE canary_staging (name TEXT) ON COMMIT DROP"
LOCKED = "SELECT name FROM test_harness_canary FOR UPDATE NOWAIT"


def test_two_transactions_have_two_times(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    times = []
    for _ in range(2):
        with engine.begin() as connection:
            times.append(connection.scalar(text("SELECT now()")))
    assert times[0] < times[1]


def test_a_level_for_one_transaction(make_engine: MakeEngine, round_: int) -> None:
    options = {"isolation_level": "SERIALIZABLE"}
    with make_engine().connect().execution_options(**options) as connection:
        assert connection.scalar(text("SHOW transaction_isolation")) == "serializable"


def test_nothing_is_written_in_a_read_only_transaction(
    make_engine: MakeEngine, round_: int
) -> None:
    with (
        make_engine().connect().execution_options(postgresql_readonly=True) as connection,
        pytest.raises(DBAPIError, match="read-only"),
    ):
        add(connection, "refused")


def test_a_temporary_table_ends_with_its_transaction(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    for _ in range(2):
        with engine.begin() as connection:
            connection.execute(text(STAGING))


def test_a_lock_keeps_another_transaction_out(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.begin() as connection:
        add(connection, "locked")
    with engine.connect() as first, engine.connect() as second:
        first.execute(text(LOCKED))
        with pytest.raises(DBAPIError, match="could not obtain lock"):
            second.execute(text(LOCKED))


def test_a_lock_of_a_session_keeps_another_one_out(make_engine: MakeEngine, round_: int) -> None:
    engine, lock = make_engine(), text("SELECT pg_try_advisory_lock(7)")
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(lock)
        assert not second.scalar(lock)


def test_who_listens_is_notified(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.connect() as listener, engine.connect() as other:
        listener.execute(text("LISTEN canary"))
        listener.commit()
        other.execute(text("NOTIFY canary, 'sent'"))
        other.commit()
        raw: Any = listener.connection.driver_connection
        if engine.dialect.driver == "psycopg2":
            select.select([raw], [], [], 1)
            raw.poll()
            found = raw.notifies
        else:
            found = list(raw.notifies(timeout=1, stop_after=1))
        assert [one.payload for one in found] == ["sent"]


def test_a_connection_without_a_pool(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.connect() as connection:
        connection.detach()
        add(connection, "kept")
        connection.commit()
        add(connection, "undone")
        connection.rollback()
        assert count(connection) == 1


def test_what_one_transaction_asks_for_is_had_on_one_connection(
    make_engine: MakeEngine, round_: int
) -> None:
    with make_engine().begin() as connection:
        add(connection, "kept")
        for statement in (STAGING, LOCKED, "SELECT now()", "SELECT pg_advisory_xact_lock(7)"):
            connection.execute(text(statement))
    assert runtime().seam.isolates


def test_one_that_fails_after_another_ended_and_a_third_began(
    make_engine: MakeEngine, round_: int
) -> None:
    engine = make_engine()
    with engine.connect() as failing, engine.connect() as third:
        add(failing, "undone")
        with engine.begin() as other:
            add(other, "kept")
        third.execute(text("SELECT 1"))
        failing.rollback()
    with engine.connect() as connection:
        assert count(connection) == 1
    assert not runtime().seam.isolates


LET_GO = threading.Event()


def test_a_thread_left_behind_has_no_part_in_a_test_that_is_begun_anew(
    make_engine: MakeEngine, round_: int
) -> None:
    engine = make_engine()

    def write() -> None:
        LET_GO.wait(0.5)
        with engine.begin() as connection:
            add(connection, "of the thread")

    if runtime().seam.isolates:
        LET_GO.clear()
        threading.Thread(target=write).start()
        with engine.connect() as connection:
            connection.execute(text("LISTEN canary"))
        return
    LET_GO.set()
    time.sleep(0.1)
    with engine.connect() as connection:
        assert count(connection) == 0
