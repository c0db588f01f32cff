"""What only SQLite does, through the standard library's driver; each twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from canaries.rows import ORPHAN, PARENT, add, count
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from test_harness import IsolationError, IsolationWarning
from test_harness.runtime.process import runtime

pytestmark = pytest.mark.parametrize("round_", [1, 2])

MakeEngine = Callable[..., Engine]

MANY_ROWS = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
    "SELECT i, i, i, i, i, i, i, i, i, i FROM n"
)
MANY_CALLS = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
    "SELECT sum(same(i)) FROM n"
)


def test_sqlalchemys_recipe(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    for number in range(2):
        with engine.begin() as connection:
            assert count(connection) == number
            add(connection, f"row {number}")
    with engine.connect() as connection:
        add(connection, "undone")
        connection.rollback()
        assert count(connection) == 2


def test_the_drivers_own_calls(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    raw: sqlite3.Connection = engine.raw_connection().driver_connection
    assert raw.execute("SELECT count(*) FROM test_harness_canary").fetchone() == (0,)
    with raw:
        raw.execute("INSERT INTO test_harness_canary VALUES ('kept')")
        raw.executemany("INSERT INTO test_harness_canary VALUES (?)", [("two",), ("three",)])
    raw.execute("INSERT INTO test_harness_canary VALUES ('undone')")
    raw.rollback()
    with pytest.raises(sqlite3.IntegrityError), raw:
        raw.executemany("INSERT INTO test_harness_canary VALUES (?)", [("undone",), ("kept",)])
    with engine.connect() as connection:
        assert count(connection) == 3


def test_a_script(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    raw: sqlite3.Connection = engine.raw_connection().driver_connection
    raw.executescript(
        "INSERT INTO test_harness_canary VALUES ('first; second');\n"
        "CREATE TABLE of_the_script (name TEXT); -- and no semicolon after the next one\n"
        "INSERT INTO of_the_script VALUES ('kept')"
    )
    raw.cursor().executescript("BEGIN; INSERT INTO of_the_script VALUES ('kept too'); COMMIT;")
    with engine.connect() as connection:
        assert count(connection) == 1
        assert connection.scalar(text("SELECT count(*) FROM of_the_script")) == 2


WAYS_TO_FETCH: dict[str, Callable[[sqlite3.Cursor], Iterable[Any]]] = {
    "fetchone": lambda cursor: iter(cursor.fetchone, None),
    "fetchmany": lambda cursor: iter(cursor.fetchmany, []),
    "fetchall": lambda cursor: cursor.fetchall(),
    "iteration": iter,
}


@pytest.mark.parametrize("fetch", WAYS_TO_FETCH)
def test_a_function_of_python_while_another_thread_fetches(
    make_engine: MakeEngine, round_: int, fetch: str
) -> None:
    """SQLite holds its mutex while it waits for Python's lock, and a fetch takes both as well."""
    raw: sqlite3.Connection = make_engine().raw_connection().driver_connection
    raw.create_function("same", 1, lambda value: value)

    def call() -> None:
        # Without taking turns, the two threads waited for each other after some dozens.
        for _ in range(3000):
            raw.execute(MANY_CALLS).fetchall()

    with ThreadPoolExecutor() as threads:
        calling = threads.submit(call)
        while not calling.done():
            assert list(WAYS_TO_FETCH[fetch](raw.execute(MANY_ROWS)))
        calling.result()


def test_a_conflict_that_rolls_everything_back(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    insert = "INSERT OR ROLLBACK INTO test_harness_canary VALUES (?)"
    with engine.connect() as connection:
        add(connection, "undone")
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql(insert, ("undone",))
        connection.rollback()
    raw: sqlite3.Connection = engine.raw_connection().driver_connection
    with pytest.raises(sqlite3.IntegrityError):
        raw.executemany(insert, [("undone",), ("undone",)])
    raw.rollback()
    for name in ("one", "two"):
        with engine.begin() as connection:
            add(connection, name)
    with engine.connect() as connection:
        assert count(connection) == 2


def test_a_conflict_that_also_undoes_what_was_committed(
    make_engine: MakeEngine, on_one_connection: None, round_: int
) -> None:
    insert = "INSERT OR ROLLBACK INTO test_harness_canary VALUES (?)"
    with make_engine().connect() as connection:
        add(connection, "lost")
        connection.commit()
        with (
            pytest.warns(IsolationWarning, match="also what was committed before"),
            pytest.raises(IntegrityError),
        ):
            connection.exec_driver_sql(insert, ("lost",))
        assert count(connection) == 0


def test_tables_made_and_dropped(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().begin() as connection:
        connection.execute(text("CREATE TABLE made_in_a_test (name TEXT)"))
        connection.execute(text("DROP TABLE test_harness_canary"))


def enforcing(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


def test_a_deferred_constraint_is_checked_by_a_commit(make_engine: MakeEngine, round_: int) -> None:
    engine = enforcing(make_engine())
    with engine.connect() as connection:
        connection.execute(text(ORPHAN))
        with pytest.raises(IntegrityError, match="FOREIGN KEY constraint failed"):
            connection.commit()
        connection.rollback()
        connection.execute(text(ORPHAN))
        connection.execute(text(PARENT))
        connection.commit()
        assert connection.scalar(text("SELECT count(*) FROM canary_child")) == 1


def test_rows_that_break_a_deferred_constraint_are_reported(
    make_engine: MakeEngine, round_: int
) -> None:
    connection = enforcing(make_engine()).connect()
    connection.execute(text(ORPHAN))
    with pytest.raises(IsolationError, match=r"no commit would accept: FOREIGN KEY constraint"):
        runtime().seam.rows.roll_back()
    connection.close()


def test_a_listener_that_sets_what_no_transaction_allows(
    make_engine: MakeEngine, round_: int
) -> None:
    def production(raw: Any, _: Any) -> None:
        for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
            raw.execute(f"PRAGMA {setting}")

    with make_engine().connect() as first:
        add(first, "kept")
        first.commit()
        engine = make_engine(poolclass=NullPool)
        event.listen(engine, "connect", production)
        with engine.connect() as second:
            assert count(second) == 1


def test_comments_before_what_ends_a_transaction(make_engine: MakeEngine, round_: int) -> None:
    with make_engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("INSERT INTO test_harness_canary VALUES ('kept')")
        raw.execute("/* why */ COMMIT")
        raw.execute("-- why\nINSERT INTO test_harness_canary VALUES ('undone')")
        raw.execute("-- why\nROLLBACK")
        assert count(connection) == 1


@pytest.mark.parametrize(("name", "value"), [("isolation_level", None), ("autocommit", True)])
def test_the_librarys_own_control_of_transactions(
    make_engine: MakeEngine, round_: int, name: str, value: Any
) -> None:
    with make_engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("INSERT INTO test_harness_canary VALUES ('kept')")
        setattr(raw, name, value)  # As the library has it, that commits.
        raw.execute("INSERT INTO test_harness_canary VALUES ('undone')")
        raw.rollback()
        assert count(connection) == 1


def test_a_value_that_is_written_in_its_place(make_engine: MakeEngine, round_: int) -> None:
    engine = make_engine()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE canary_notes (body BLOB)"))
        connection.execute(text("INSERT INTO canary_notes VALUES (x'6161')"))
    with engine.connect() as connection:
        if not hasattr(sqlite3.Connection, "blobopen"):
            return  # Before Python 3.11 nothing is.
        connection.execute(text("SELECT 1"))
        raw: Any = connection.connection.driver_connection
        with raw.blobopen("canary_notes", "body", 1) as body:
            body.write(b"zz")
        connection.rollback()
        assert connection.scalar(text("SELECT body FROM canary_notes")) == b"aa"


def test_what_is_registered_with_the_library_is_not_inherited(
    make_engine: MakeEngine, round_: int
) -> None:
    with make_engine().connect() as connection:
        assert connection.scalar(text("SELECT upper('a')")) == "A"
        raw: Any = connection.connection.driver_connection
        raw.create_function("upper", 1, lambda _: "of another")
