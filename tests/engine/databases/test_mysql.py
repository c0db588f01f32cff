"""Databases on a MySQL or MariaDB server: found, marked, copied in full, and dropped when ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
from sqlalchemy import create_engine, text

from tests.worlds import run

if TYPE_CHECKING:
    from test_harness.databases.database import Database, Template

PROJECT = f"mysql {os.getpid()}"
PREFIX = f"test_harness_mysql_{os.getpid()}"
POOR = f"poor_{os.getpid()}"

CONTENTS = [
    "CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) DEFAULT 'it''s') "
    "AUTO_INCREMENT = 7",
    "CREATE TABLE children (id INT PRIMARY KEY AUTO_INCREMENT, parent_id INT NOT NULL, "
    "born DATETIME(6), doubled INT AS (parent_id * 2) STORED, CHECK (parent_id < 100), "
    "CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE)",
    "INSERT INTO parents (name) VALUES ('ü; --'), ('100 %')",
    "INSERT INTO children (parent_id, born) VALUES (7, '2026-01-01 00:00:00.000001')",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    "INSERT INTO parents (id, name) VALUES (0, 'zero')",
    "CREATE PROCEDURE twice() BEGIN SELECT 1; SELECT 2; END",
    "CREATE FUNCTION more(x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
    # In the order of their names they would be made before what they are made of.
    "CREATE VIEW sums AS SELECT id, more(doubled) AS more FROM children",
    "CREATE VIEW a_view AS SELECT * FROM sums",
    "CREATE TRIGGER named BEFORE INSERT ON parents FOR EACH ROW "
    "BEGIN SET new.name = concat(new.name, '!'); END",
]


@pytest.fixture
def administrator() -> Iterator[pymysql.cursors.Cursor]:
    """A cursor on the server of this machine."""
    host, port = os.environ.get("MYSQL_HOST", "127.0.0.1"), os.environ.get("MYSQL_TCP_PORT", "3306")
    user, password = os.environ.get("MYSQL_USER", "root"), os.environ.get("MYSQL_PWD", "")
    try:
        connection = pymysql.connect(
            host=host, port=int(port), user=user, password=password, autocommit=True
        )
    except pymysql.err.OperationalError as error:
        pytest.skip(f"no MySQL or MariaDB server on this machine: {error}")
    with connection, connection.cursor() as cursor:
        yield cursor
        for name in databases(cursor):
            cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"DROP USER IF EXISTS {POOR}@'%', {POOR}@localhost, {POOR}@127.0.0.1")


@pytest.fixture
def make(
    administrator: pymysql.cursors.Cursor, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Database]:
    """Make a database of this process, which is not there yet."""
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    from test_harness.databases.database import make_database
    from test_harness.databases.naming import RunName
    from test_harness.settings import DatabaseSettings

    settings = DatabaseSettings(engine="mysql", driver="pymysql", metadata="", migrations="")

    def make_one(purpose: str = "") -> Database:
        return make_database(settings, RunName.of_this_process(PROJECT), purpose)

    return make_one


IN_A_PROCESS = f"""
import os, signal
from test_harness.databases.database import make_database
from test_harness.databases.naming import RunName
from test_harness.settings import DatabaseSettings

def make(purpose):
    settings = DatabaseSettings(engine="mysql", driver="pymysql", metadata="", migrations="")
    return make_database(settings, RunName.of_this_process("{PROJECT}"), purpose)

"""


def in_a_process(folder: Path, code: str, **variables: str) -> str:
    """Run code that makes databases in another process, and return what it printed."""
    done = run(
        sys.executable, "-c", IN_A_PROCESS + code, cwd=folder, check=False,
        **variables,
    )  # fmt: skip
    return done.stdout


def template(key: str = "one", contents: list[str] = CONTENTS) -> Template:
    from test_harness.databases.database import Template

    def build(database: Database) -> None:
        engine = create_engine(database.url("mysql+pymysql"))
        with engine.begin() as connection:
            for statement in contents:
                connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()

    return Template(key, build)


def databases(cursor: pymysql.cursors.Cursor) -> list[str]:
    """Return the databases of this process, what is theirs alone taken off their names."""
    cursor.execute("SHOW DATABASES")
    return sorted(name for (name,) in cursor.fetchall() if name.startswith(PREFIX))


def everything_in(url: Any) -> dict[str, Any]:
    """Return rows and definitions, without the name of the database."""
    name = f"`{url.database}`."
    engine = create_engine(url)
    with engine.connect() as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(text(query))]

        found: dict[str, Any] = {"collation": rows("SELECT @@collation_database")}
        for table, kind in rows("SHOW FULL TABLES"):
            if table == "test_harness_mark":
                continue
            [definition] = rows(f"SHOW CREATE {'VIEW' if kind == 'VIEW' else 'TABLE'} {table}")
            found[table] = definition[1].replace(name, ""), rows(f"SELECT * FROM {table}")  # noqa: S608
        for kind, program in (("TRIGGER", "named"), ("PROCEDURE", "twice"), ("FUNCTION", "more")):
            [definition] = rows(f"SHOW CREATE {kind} {program}")
            found[program] = definition[1:3]
    engine.dispose()
    return found


def refusal(create: Callable[[], None]) -> str:
    from test_harness.errors import HarnessError

    with pytest.raises(HarnessError) as refused:
        create()
    return str(refused.value)


def test_a_copy_has_all_that_its_template_has(make: Callable[..., Database]) -> None:
    original, copy = make("original"), make()
    original.create()
    template().build(original)
    copy.create(template())
    found = everything_in(copy.url("mysql+pymysql"))
    assert found == everything_in(original.url("mysql+pymysql"))
    assert {"parents", "children", "sums", "a_view", "named", "twice", "more"} < found.keys()
    assert found["parents"][1] == [(0, "zero"), (7, "ü; --"), (8, "100 %")]


def test_a_template_is_kept_and_replaced_by_that_of_another_key(
    make: Callable[..., Database], administrator: pymysql.cursors.Cursor
) -> None:
    for key in ("one", "one", "two"):
        database = make()
        database.create(template(key))
        database.drop()
        assert databases(administrator) == [f"{PREFIX}_template_{key}"]


def test_half_a_template_is_built_anew(make: Callable[..., Database]) -> None:
    with pytest.raises(ZeroDivisionError):
        make().create(template_that_fails())
    database = make()
    database.create(template())
    assert "sums" in everything_in(database.url("mysql+pymysql"))


def template_that_fails() -> Template:
    from test_harness.databases.database import Template

    def build(database: Database) -> None:
        template(contents=CONTENTS[:1]).build(database)
        raise ZeroDivisionError

    return Template("one", build)


def test_what_a_killed_run_left_over_is_dropped_by_the_next(
    make: Callable[..., Database], administrator: pymysql.cursors.Cursor, tmp_path: Path
) -> None:
    in_a_process(tmp_path, "make('killed').create(); os.kill(os.getpid(), signal.SIGKILL)")
    assert [name.endswith("_killed") for name in databases(administrator)] == [True]
    make().create()
    assert [name.endswith("_main") for name in databases(administrator)] == [True]


def test_a_database_without_the_mark_is_never_dropped(
    make: Callable[..., Database], administrator: pymysql.cursors.Cursor
) -> None:
    administrator.execute(f"CREATE DATABASE {PREFIX}_somebody_else_s")
    database = make()
    database.create()
    administrator.execute(f"DROP VIEW {database.url('mysql+pymysql').database}.test_harness_mark")
    database.drop()
    make("another").create()
    names = databases(administrator)
    assert len(names) == 3
    assert f"{PREFIX}_somebody_else_s" in names


def test_a_connection_that_was_left_open_does_not_keep_a_database_from_being_dropped(
    make: Callable[..., Database], administrator: pymysql.cursors.Cursor
) -> None:
    database = make()
    database.create(template())
    engine = create_engine(database.url("mysql+pymysql"))
    connection = engine.connect()
    connection.execute(text("SELECT * FROM parents"))
    database.drop()
    assert databases(administrator) == [f"{PREFIX}_template_one"]
    connection.invalidate()
    engine.dispose()


def test_the_mark_is_in_no_list_of_tables(
    make: Callable[..., Database], administrator: pymysql.cursors.Cursor
) -> None:
    database = make()
    database.create()
    administrator.execute(
        f"SHOW FULL TABLES FROM {database.url('mysql+pymysql').database} "
        "WHERE table_type = 'BASE TABLE'"
    )
    assert administrator.fetchall() == ()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "mysql://root:s3cret@127.0.0.1:1/x",
            "MySQL at mysql://root:***@127.0.0.1:1/x does not let the tests in: Can't connect to "
            "MySQL server on '127.0.0.1' ([Errno 111] Connection refused).\n"
            "  Fix: Start the server (`docker compose -f docker-compose.test.yml up -d --wait`), "
            "or correct TEST_DATABASE_URL.",
        ),
        (
            "mysql+asyncmy://root:s3cret@db.example.com/x",
            "TEST_DATABASE_URL names the server db.example.com, which is not on this machine.\n"
            "  Fix: Name a local server or a container, or set ALLOW_REMOTE_DB=1 to let tests "
            "use it.",
        ),
        (
            "mariadb://root:s3cret@localhost/x?host=db.example.com",
            "TEST_DATABASE_URL names the server db.example.com, which is not on this machine.\n"
            "  Fix: Name a local server or a container, or set ALLOW_REMOTE_DB=1 to let tests "
            "use it.",
        ),
        (
            "postgresql://root:s3cret@localhost/x",
            "TEST_DATABASE_URL is for postgresql, but this suite is for mysql.\n"
            "  Fix: Write it as mysql://user:password@host/name, or unset it.",
        ),
    ],
    ids=["server down", "foreign host", "foreign host in the query", "another engine"],
)
def test_an_address_that_cannot_be_used_is_named(
    make: Callable[..., Database], monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    assert refusal(lambda: make().create()) == message


def test_a_wrong_password_is_named_and_not_shown(
    make: Callable[..., Database],
    administrator: pymysql.cursors.Cursor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poor_user(administrator)
    monkeypatch.setenv("TEST_DATABASE_URL", f"mysql://{POOR}:wr0ng@127.0.0.1/")
    said = refusal(lambda: make().create())
    assert said.startswith(
        f"MySQL at mysql://{POOR}:***@127.0.0.1/ does not let the tests in: Access denied for "
    )
    assert "wr0ng" not in said


def test_a_user_without_rights_is_told_which_one_is_missing(
    make: Callable[..., Database],
    administrator: pymysql.cursors.Cursor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poor_user(administrator)
    monkeypatch.setenv("TEST_DATABASE_URL", f"mysql://{POOR}:s3cret@127.0.0.1/")
    said = refusal(lambda: make().create())
    assert said.startswith(
        f"MySQL does not let the tests make mysql://{POOR}:***@127.0.0.1/{PREFIX}"
    )
    assert rf"Fix: Run GRANT ALL ON `test\_harness\_%`.* TO '{POOR}'@'127.0.0.1'; as" in said
    administrator.execute(rf"GRANT ALL ON `test\_harness\_%%`.* TO {POOR}@127.0.0.1")
    database = make()
    database.create(template())
    database.drop()
    assert databases(administrator) == [f"{PREFIX}_template_one"]


def poor_user(administrator: pymysql.cursors.Cursor) -> None:
    administrator.execute(f"CREATE USER {POOR}@127.0.0.1 IDENTIFIED BY 's3cret'")


def test_the_template_of_another_user_is_not_copied(
    make: Callable[..., Database],
    administrator: pymysql.cursors.Cursor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = make()
    database.create(template())
    database.drop()
    poor_user(administrator)
    administrator.execute(rf"GRANT ALL ON `test\_harness\_%%`.* TO {POOR}@127.0.0.1")
    monkeypatch.setenv("TEST_DATABASE_URL", f"mysql://{POOR}:s3cret@127.0.0.1/")
    database = make()
    database.create(template())
    assert f"`{POOR}`@" in everything_in(database.url("mysql+pymysql"))["more"][1]


def test_a_machine_without_a_server_is_told_how_to_start_one(tmp_path: Path) -> None:
    said = in_a_process(
        tmp_path, "make('').create()", MYSQL_TCP_PORT="1", MYSQL_UNIX_PORT="/nowhere/mysqld.sock"
    )
    assert said.endswith(
        "test_harness.errors.ProvisioningError: No MySQL or MariaDB server of this machine lets "
        "the tests create databases: Can't connect to MySQL server on '127.0.0.1' ([Errno 111] "
        "Connection refused).\n  Fix: Run `docker compose -f docker-compose.test.yml up -d "
        "--wait`, and set TEST_DATABASE_URL as it says.\n"
    )
