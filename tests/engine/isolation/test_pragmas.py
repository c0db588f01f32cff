"""What an application sets as it connects is heard, whatever it makes of the answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, event

from test_harness.isolation.pragmas import asked_for


def test_a_listener_that_looks_whether_it_holds_is_heard_as_well() -> None:
    engine = create_engine("sqlite://")

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        [mode] = cursor.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise RuntimeError(mode)

    @event.listens_for(engine, "connect")
    def wait(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA busy_timeout(5000)")

    assert asked_for(engine) == {
        "foreign_keys": "ON",
        "journal_mode": "WAL",
        "busy_timeout": "5000",
    }
