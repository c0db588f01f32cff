"""What one connection cannot give is read in what is sent, and in nothing that only looks so."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.errors import IsolationWarning
from test_harness.isolation.one_connection import UNDID_OTHERS, OneConnection
from test_harness.isolation.remembered import read_remembered, remember
from test_harness.isolation.wishes import (
    CLOCK,
    DEFERRABLE,
    LISTENS,
    LOCKS,
    NUMBER,
    READ_ONLY,
    STAGING,
    Wish,
    level_wish,
    traits_of,
)

SERIALIZABLE = Wish("asked for the isolation level SERIALIZABLE", is_certain=True)


@pytest.mark.parametrize(
    ("engine", "statement", "wish"),
    [
        ("postgresql", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", SERIALIZABLE),
        ("postgresql", "begin isolation level serializable", SERIALIZABLE),
        ("postgresql", "/* why */ START TRANSACTION READ ONLY", READ_ONLY),
        ("postgresql", "SET TRANSACTION DEFERRABLE", DEFERRABLE),
        ("postgresql", "LISTEN orders", LISTENS),
        ("postgresql", "CREATE TEMP TABLE s (a int) ON COMMIT DROP", STAGING),
        ("postgresql", "CREATE TEMPORARY TABLE s (a int)\n ON COMMIT DELETE ROWS", STAGING),
        ("postgresql", "SELECT id FROM jobs FOR NO KEY UPDATE SKIP LOCKED", LOCKS),
        ("postgresql", "SELECT pg_try_advisory_xact_lock(1)", LOCKS),
        ("postgresql", "SELECT pg_current_xact_id()", NUMBER),
        ("postgresql", "UPDATE posts SET at = now()", CLOCK),
        ("postgresql", "SELECT CURRENT_TIMESTAMP", CLOCK),
        ("mysql", "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE", SERIALIZABLE),
        ("mysql", "SELECT GET_LOCK('a', 1)", LOCKS),
        ("mysql", "SELECT id FROM jobs FOR UPDATE", LOCKS),
    ],
)
def test_what_is_asked_for(engine: str, statement: str, wish: Wish) -> None:
    assert traits_of(statement, engine).wish == wish


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("postgresql", "BEGIN"),
        ("postgresql", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"),
        ("postgresql", "SET TRANSACTION READ WRITE, NOT DEFERRABLE"),
        ("postgresql", "CREATE TEMPORARY TABLE s (a int) ON COMMIT PRESERVE ROWS"),
        ("postgresql", "SELECT 'now() FOR UPDATE', \"current_timestamp\" /* now() */ FROM posts"),
        ("postgresql", "SELECT clock_timestamp(), statement_timestamp()"),
        ("postgresql", "SELECT pg_advisory_unlock(1)"),
        ("postgresql", "INSERT INTO listen (a) VALUES (1)"),
        ("mysql", "SELECT NOW()"),
        ("mysql", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
        ("sqlite", "SELECT CURRENT_TIMESTAMP"),
    ],
)
def test_what_only_looks_so(engine: str, statement: str) -> None:
    assert traits_of(statement, engine).wish is None


def test_levels_that_there_are_anyhow() -> None:
    assert level_wish("SERIALIZABLE", "postgresql") == SERIALIZABLE
    assert level_wish("READ_COMMITTED", "mysql") is not None
    assert level_wish("READ COMMITTED", "postgresql") is None
    assert level_wish("AUTOCOMMIT", "postgresql") is None
    assert level_wish("SERIALIZABLE", "sqlite") is None


def test_the_second_transaction_is_noted_and_what_is_certain_comes_before() -> None:
    noted, first, second = OneConnection(), object(), object()
    noted.begin()
    noted.asked_by(CLOCK, first)
    noted.asked_by(CLOCK, first)
    assert noted.asked is None
    noted.asked_by(CLOCK, second)
    assert noted.asked is not None
    assert CLOCK.said in noted.asked.said
    with pytest.warns(IsolationWarning, match=r"Fix: mark the test with @pytest.mark.real_commits"):
        noted.cannot(UNDID_OTHERS)
    assert UNDID_OTHERS.said in noted.asked.said
    noted.begin(lambda: True)
    assert noted.asked is None
    noted.cannot(UNDID_OTHERS)  # Without a warning, which would fail this test.


def test_what_is_remembered_is_added_and_read(tmp_path: Path) -> None:
    path = tmp_path / "real_commits.txt"
    assert read_remembered(path) == {}
    remember(path, {"api/test_a.py::test_b[1 2]": "app/main.py:3 asked for it"})
    text = path.read_text(encoding="utf-8") + "# of a person\napi/test_a.py::test_c\n"
    path.write_text(text, encoding="utf-8")
    remember(path, {"api/test_a.py::test_c": "more", "test_d.py::test_e": "app/main.py:4 did"})
    assert path.read_text(encoding="utf-8").startswith(text)
    assert read_remembered(path) == {
        "api/test_a.py::test_b[1 2]": "app/main.py:3 asked for it",
        "api/test_a.py::test_c": "",
        "test_d.py::test_e": "app/main.py:4 did",
    }
