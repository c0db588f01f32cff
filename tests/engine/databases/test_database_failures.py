"""Whatever is wrong with a database ends in one message that says so, and the next run is clean."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any
from xml.etree import ElementTree

import psycopg
import pymysql
import pytest

from tests.decoys import closed_port, forwarder_to
from tests.worlds import build_tree, environment, render, run

pytestmark = pytest.mark.runs

NAME = f"failing {os.getpid()}"
PREFIX = f"test_harness_failing_{os.getpid()}"
ROLE = f"poor_{os.getpid()}"
FOREIGN = f"orders_{os.getpid()}"

servers = pytest.mark.parametrize("suite", ["postgresql", "mysql"], indirect=True)
engines = pytest.mark.parametrize("suite", ["sqlite", "postgresql", "mysql"], indirect=True)

COMPOSE = "docker compose -f docker-compose.test.yml up -d --wait"

USES_THE_DATABASE = """
    from sqlalchemy import text

    async def test_first(db):
        assert await db.scalar(text("SELECT count(*) FROM items")) == 0

    async def test_second(db):
        assert await db.scalar(text("SELECT count(*) FROM items")) == 0
    """


DEFERRED = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade():
    op.create_table("parents", sa.Column("id", sa.Integer(), primary_key=True))
    parent = sa.ForeignKey("parents.id", deferrable=True, initially="DEFERRED")
    if op.get_bind().dialect.name in ("mysql", "mariadb"):
        parent = sa.ForeignKey("parents.id")
    op.create_table("children", sa.Column("parent_id", sa.Integer(), parent))
"""


@dataclass(frozen=True)
class Server:
    """A database server of this machine, and how an administrator speaks to it."""

    engine: str
    port: int
    user: str
    connect: Callable[..., Any]
    databases: str
    drop_role: str

    def sql(self, *statements: str) -> list[str]:
        """Run statements, and return the first column of the last one's rows."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return [str(row[0]) for row in cursor.fetchall()] if cursor.description else []

    def answers(self) -> bool:
        """Whether there is such a server."""
        try:
            self.connect().close()
        except (psycopg.OperationalError, pymysql.err.OperationalError):
            return False
        return True

    def own_databases(self) -> list[str]:
        """Return the databases that runs of these tests have made and not dropped."""
        return [name for name in self.sql(self.databases) if name.startswith(PREFIX)]

    def left_by_runs(self) -> list[str]:
        """Return those of them that are not kept on purpose."""
        return [name for name in self.own_databases() if not name.startswith(f"{PREFIX}_template")]

    def url(self, user: str = "", port: int = 0, name: str = "") -> str:
        """Return the address of the server, for somebody."""
        return f"{self.engine}://{user or self.user}@127.0.0.1:{port or self.port}/{name}"


def postgresql() -> Server:
    port = int(os.environ.get("PGPORT", "5432"))
    return Server(
        "postgresql",
        port,
        "postgres",
        lambda user="postgres": psycopg.connect(
            f"host=127.0.0.1 port={port} user={user} dbname=postgres", autocommit=True
        ),
        "SELECT datname FROM pg_database",
        f"DROP ROLE IF EXISTS {ROLE}",
    )


def mysql() -> Server:
    port = int(os.environ.get("MYSQL_TCP_PORT", "3306"))
    return Server(
        "mysql",
        port,
        "root",
        lambda user="root": pymysql.connect(
            host="127.0.0.1", port=port, user=user, autocommit=True
        ),
        "SHOW DATABASES",
        f"DROP USER IF EXISTS {ROLE}",
    )


@dataclass(frozen=True)
class Suite:
    """A rendered project, its Python, and the server of its engine, None for SQLite."""

    project: Path
    python: Path
    administrator: Server | None
    temporary: Path

    @property
    def engine(self) -> str:
        return self.administrator.engine if self.administrator else "sqlite"

    @property
    def server(self) -> Server:
        assert self.administrator is not None
        return self.administrator

    def command(self, *options: str) -> list[str]:
        return [str(self.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        url = {"TEST_DATABASE_URL": self.server.url()} if self.administrator else {}
        # What a run compiles, the next one need not.
        fast = {"PYTHONDONTWRITEBYTECODE": ""}
        return {**url, **fast, "TMPDIR": str(self.temporary), **given}

    def run(self, code: str, *options: str, **variables: str) -> str:
        """Run one test module of the project, and return what pytest printed."""
        build_tree(self.project, {"tests/test_it.py": dedent(code).lstrip()})
        # What one test leaves is looked at by the one below it.
        command = self.command("-p", "no:randomly", *options, "tests/test_it.py")
        done = run(*command, cwd=self.project, check=False, **self.variables(variables))
        assert "s3cret" not in done.stdout
        return done.stdout

    def ending(self, *options: str, code: str = USES_THE_DATABASE, **variables: str) -> list[str]:
        """Run tests that cannot have their database, and return the message that they end in."""
        output = self.run(code, *options, **variables)
        assert "Traceback" not in output
        [message] = re.findall(r"(?sm)^! _pytest.outcomes.Exit: (.+?) !$", output)
        return [self.masked(line) for line in message.splitlines()]

    def masked(self, line: str) -> str:
        """Return a line without what differs from run to run."""
        names = r"[0-9a-f]{8}_(main|gw\d)|(?<=template_)[0-9a-f]{12}"
        return re.sub(rf"{names}|(?<=env\.py:)\d+", "*", line)

    def check(self, code: str = USES_THE_DATABASE, **variables: str) -> None:
        """See the tests pass, and leave nothing."""
        output = self.run(code, **variables)
        assert re.fullmatch(r"\d+ passed in .*", output.splitlines()[-1]), output
        assert self.left() == []

    def forget_the_template(self) -> None:
        """Have the next run make everything anew."""
        for name in self.server.own_databases():
            self.server.sql(f"DROP DATABASE {name}")

    def left(self) -> list[str]:
        """Return what runs have made and neither dropped nor kept on purpose."""
        if self.administrator:
            return self.administrator.left_by_runs()
        return [path.name for path in self.temporary.glob("test_harness_*")]


@pytest.fixture(scope="module")
def rendered(
    template: Path, suite_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Suite]]:
    made: dict[str, Suite] = {}

    def suite(engine: str) -> Suite:
        if engine not in made:
            folder = tmp_path_factory.mktemp(engine)
            project = render(
                template,
                folder / NAME,
                database_engine=engine,
                auth="none",
                mode="async",
                # Whole suites are run here, and what asks the routes is most of what they take.
                suites=["health", "isolation", "factories", "migrations"],
            )
            build_tree(project, {"migrations/versions/0004_create_children.py": DEFERRED})
            server = {"postgresql": postgresql, "mysql": mysql}.get(engine)
            (folder / "temporary").mkdir()
            made[engine] = Suite(
                project, suite_python, server() if server else None, folder / "temporary"
            )
        return made[engine]

    yield suite
    for known in made.values():
        if known.administrator is not None and known.server.answers():
            known.forget_the_template()


@pytest.fixture
def suite(request: pytest.FixtureRequest, rendered: Callable[[str], Suite]) -> Iterator[Suite]:
    suite = rendered(request.param)
    if suite.administrator is None:
        yield suite
        return
    server = suite.administrator
    if not server.answers():
        pytest.skip(f"no {server.engine} server at 127.0.0.1:{server.port} lets {server.user} in")
    yield suite
    server.sql(f"DROP DATABASE IF EXISTS {FOREIGN}", server.drop_role)
    assert suite.left() == []


# ------------------------------------------------------------------------------------ the server


@servers
def test_a_server_that_is_down(suite: Suite) -> None:
    with closed_port() as port:
        problem, fix = suite.ending(
            TEST_DATABASE_URL=suite.server.url(f"{suite.server.user}:s3cret", port, "x")
        )
    shown = suite.server.url(f"{suite.server.user}:***", port, "x")
    reason = {
        "postgresql": f"PostgreSQL at {shown} does not let the tests in: connection to server at "
        f'"127.0.0.1", port {port} failed: Connection refused.',
        "mysql": f"MySQL at {shown} does not let the tests in: Can't connect to MySQL server on "
        "'127.0.0.1' ([Errno 111] Connection refused).",
    }
    assert problem == reason[suite.engine]
    assert fix == f"  Fix: Start the server (`{COMPOSE}`), or correct TEST_DATABASE_URL."


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_a_server_that_is_down_ends_all_workers_with_the_same_message(suite: Suite) -> None:
    with closed_port() as port:
        problem, _ = suite.ending("-n2", TEST_DATABASE_URL=suite.server.url(port=port))
    assert problem.startswith(f"PostgreSQL at {suite.server.url(port=port)} does not let the tests")


DIES_IN_A_TEST = """
    import os
    from socket import create_connection

    from sqlalchemy import text

    async def test_while_it_dies(db):
        await db.execute(text("SELECT 1"))
        with create_connection(("127.0.0.1", int(os.environ["SWITCH"]))) as switch:
            switch.recv(1)

    async def test_later(db):
        await db.execute(text("SELECT 1"))
    """
DIES_BETWEEN_TESTS = DIES_IN_A_TEST.replace(
    'await db.execute(text("SELECT 1"))\n        with', "with"
)
assert DIES_BETWEEN_TESTS != DIES_IN_A_TEST


@pytest.mark.parametrize(
    ("suite", "code", "last"),
    [
        ("postgresql", DIES_IN_A_TEST, "test_while_it_dies"),
        ("postgresql", DIES_BETWEEN_TESTS, "test_later"),
        ("mysql", DIES_IN_A_TEST, "test_while_it_dies"),
        ("mysql", DIES_BETWEEN_TESTS, "test_later"),
    ],
    ids=[
        "postgresql-in a test",
        "postgresql-between tests",
        "mysql-in a test",
        "mysql-between tests",
    ],
    indirect=["suite"],
)
def test_a_server_that_dies_in_the_middle(suite: Suite, code: str, last: str) -> None:
    with forwarder_to(suite.server.port) as server:
        problem, fix = suite.ending(
            code=code,
            TEST_DATABASE_URL=suite.server.url(port=server.port),
            SWITCH=str(server.switch),
        )
    shown = suite.server.url(port=server.port, name=f"{PREFIX}_*")
    reason = {
        "postgresql": f'connection to server at "127.0.0.1", port {server.port} failed: '
        "Connection refused.",
        "mysql": "Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused).",
    }
    assert problem == (
        f"After tests/test_it.py::{last} the harness got no connection to the test database "
        f"{shown}: {reason[suite.engine]}"
    )
    assert fix == "  Fix: See to it that the server runs and takes one more connection."
    assert len(suite.left()) == 1
    suite.check()


@servers
def test_a_server_that_takes_too_few_connections(suite: Suite) -> None:
    suite.server.sql(
        *{
            "postgresql": [f"CREATE ROLE {ROLE} LOGIN CREATEDB CONNECTION LIMIT 1"],
            "mysql": [
                f"CREATE USER {ROLE} WITH MAX_USER_CONNECTIONS 1",
                f"GRANT ALL ON *.* TO {ROLE}",
            ],
        }[suite.engine]
    )
    with closing(suite.server.connect(ROLE)):  # the one that is granted
        problem, fix = suite.ending(TEST_DATABASE_URL=suite.server.url(ROLE))
    url = suite.server.url(ROLE)
    reason = {
        "postgresql": f"PostgreSQL at {url} does not let the tests in: connection to server at "
        f'"127.0.0.1", port {suite.server.port} failed: FATAL:  too many connections for role '
        f'"{ROLE}".',
        "mysql": f"MySQL at {url} does not let the tests in: User '{ROLE}' has exceeded the "
        "'max_user_connections' resource (current value: 1).",
    }
    assert problem == reason[suite.engine]
    assert fix == (
        "  Fix: Let the server, or this user, have more connections, or run fewer workers with -n."
    )


@servers
def test_a_user_without_the_right_to_create_databases(suite: Suite) -> None:
    suite.forget_the_template()
    create = "CREATE ROLE %s LOGIN" if suite.engine == "postgresql" else "CREATE USER %s"
    suite.server.sql(create % ROLE)
    message = suite.ending(TEST_DATABASE_URL=suite.server.url(ROLE))
    shown = suite.server.url(ROLE, name=f"{PREFIX}_template_*")
    expected = {
        "postgresql": [
            f"PostgreSQL does not let the role '{ROLE}' make {shown}: permission denied to create "
            "database.",
            f"  Fix: Run `ALTER ROLE {ROLE} CREATEDB`, or name another role in TEST_DATABASE_URL.",
        ],
        "mysql": [
            f"MySQL does not let the tests make {shown}: Access denied for user '{ROLE}'@'%' to "
            f"database '{PREFIX}_template_*'.",
            rf"  Fix: Run GRANT ALL ON `test\_harness\_%`.* TO '{ROLE}'@'%'; as an administrator, "
            "or name another user in TEST_DATABASE_URL.",
        ],
    }
    assert message == expected[suite.engine]


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_a_template_that_another_role_made(suite: Suite) -> None:
    suite.check()
    suite.server.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
    assert suite.ending(TEST_DATABASE_URL=suite.server.url(ROLE)) == [
        f"PostgreSQL does not let the role '{ROLE}' make "
        f"{suite.server.url(ROLE, name=f'{PREFIX}_*')}: permission denied to copy database "
        f'"{PREFIX}_template_*".',
        f"  Fix: Drop {PREFIX}_template_*, which another role made, or name that role in "
        "TEST_DATABASE_URL.",
    ]


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_what_another_role_left_is_left(suite: Suite) -> None:
    suite.forget_the_template()
    suite.server.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
    gone = f"test_harness host={socket.gethostname()} pid={2**31 - 1}"
    kept = {f"{PREFIX}_template_old": "test_harness template", f"{PREFIX}_killed": gone}
    for name, mark in kept.items():
        suite.server.sql(f"CREATE DATABASE {name}", f"COMMENT ON DATABASE {name} IS '{mark}'")
    output = suite.run(USES_THE_DATABASE, TEST_DATABASE_URL=suite.server.url(ROLE))
    assert "2 passed" in output
    assert kept.keys() <= set(suite.server.own_databases())
    suite.forget_the_template()
    suite.check()


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_a_statement_that_the_server_gives_up(suite: Suite) -> None:
    suite.forget_the_template()
    suite.server.sql(
        f"CREATE ROLE {ROLE} LOGIN CREATEDB", f"ALTER ROLE {ROLE} SET lock_timeout = '1ms'"
    )
    shown = suite.server.url(ROLE, name=f"{PREFIX}_template_*")
    with closing(suite.server.connect()) as connection, connection.transaction():
        # Nobody makes a database meanwhile; nothing else that is said to the server waits.
        connection.execute("LOCK TABLE pg_database IN SHARE MODE")
        ending = suite.ending(TEST_DATABASE_URL=suite.server.url(ROLE))
    assert ending == [
        f"The database {shown} cannot be created or dropped: "
        "canceling statement due to lock timeout.",
        "  Fix: Mend what the server complains of, and run the tests again.",
    ]


@pytest.mark.parametrize("suite", ["mysql"], indirect=True)
def test_a_wrong_password_on_mysql(suite: Suite) -> None:
    suite.server.sql(f"CREATE USER {ROLE} IDENTIFIED BY 'right'")
    problem, fix = suite.ending(TEST_DATABASE_URL=suite.server.url(f"{ROLE}:s3cret"))
    # The host is what the server makes of the address.
    assert re.sub("@'.+?'", "@*", problem) == (
        f"MySQL at {suite.server.url(f'{ROLE}:***')} does not let the tests in: "
        f"Access denied for user '{ROLE}'@* (using password: YES)."
    )
    assert fix == f"  Fix: Start the server (`{COMPOSE}`), or correct TEST_DATABASE_URL."


@pytest.mark.parametrize("suite", ["postgresql"], indirect=True)
def test_a_wrong_password_on_postgresql(suite: Suite, tmp_path: Path) -> None:
    with server_with_passwords(tmp_path) as port:
        url = suite.server.url("postgres:s3cret", port)
        problem, fix = suite.ending(TEST_DATABASE_URL=url)
    assert problem == (
        f"PostgreSQL at {url.replace('s3cret', '***')} does not let the tests in: connection to "
        f'server at "127.0.0.1", port {port} failed: FATAL:  password authentication failed for '
        'user "postgres".'
    )
    assert fix == f"  Fix: Start the server (`{COMPOSE}`), or correct TEST_DATABASE_URL."


@contextmanager
def server_with_passwords(folder: Path) -> Iterator[int]:
    """A PostgreSQL server that asks for a password, on a port of its own."""
    if shutil.which("pg_config") is None:
        pytest.skip("no PostgreSQL to start a server of")
    binaries = Path(run("pg_config", "--bindir", cwd=folder).stdout.strip())
    # The server refuses to run as root, and other users do not see into the folder of the tests.
    other: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="postgresql-") as data, closed_port() as port:
        if other:
            shutil.chown(data, **other)
        (Path(data) / "password").write_text("right\n")

        def control(program: str, *arguments: str) -> None:
            subprocess.run(
                [binaries / program, "-D", f"{data}/server", *arguments],
                cwd=data, check=True, stdout=subprocess.DEVNULL, **other,
            )  # fmt: skip

        control("initdb", "-U", "postgres", "-A", "password", "--no-sync", "--pwfile=password")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories="
        control("pg_ctl", "-w", "-l", "log", "-o", options, "start")
        try:
            yield port
        finally:
            control("pg_ctl", "-m", "immediate", "stop")


# ------------------------------------------------------------------------------------ a revision


@pytest.mark.parametrize("suite", ["sqlite"], indirect=True)
def test_a_revision_that_is_no_python_is_named_with_its_line(suite: Suite) -> None:
    with broken_revision(suite, "def ("):
        problem, fix = suite.ending()
    said = "SyntaxError: invalid syntax"
    assert problem.startswith(f"The migrations of alembic.ini do not reach their head: {said}")
    assert problem.endswith("(migrations/versions/0004_create_children.py:9)")
    assert fix.startswith("  Fix: Run `alembic upgrade head`")


@pytest.mark.parametrize("suite", ["sqlite", "postgresql", "mysql"], indirect=True)
def test_a_revision_that_fails_stops_no_other_test(suite: Suite) -> None:
    with broken_revision(suite, "op.create_tabel()"):
        # Twice: what the models make is kept as well.
        outputs = [suite.run(USES_THE_DATABASE) for _ in range(2)]
    for output in outputs:
        assert re.fullmatch(r"2 passed in .*", output.splitlines()[-1]), output
        said = " ".join(output.split())
        assert "the tables are made of the models, for not all revisions run: The migr" in said
        assert "has no attribute 'create_tabel' (migrations/versions/0004_create_ch" in said
    assert suite.left() == []
    suite.check()


@contextmanager
def broken_revision(suite: Suite, line: str) -> Iterator[None]:
    """Within the block the last revision has a line that is wrong."""
    path = suite.project / "migrations" / "versions" / "0004_create_children.py"
    path.write_text(DEFERRED.replace('op.create_table("parents"', f'{line}\n    op.x("parents"'))
    try:
        yield
    finally:
        path.write_text(DEFERRED)


# -------------------------------------------------------------------------------------- the disk


@pytest.mark.parametrize("suite", ["sqlite"], indirect=True)
def test_a_full_disk(suite: Suite) -> None:
    # What an earlier run has kept would be copied.
    for kept in suite.temporary.glob("test_harness-*/*.sqlite3"):
        kept.unlink()
    # To a process that may not write more than this into a file, any disk is full.
    limit = "import resource\n\nresource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n\n"
    assert suite.ending(code=limit + dedent(USES_THE_DATABASE), PYTHONDONTWRITEBYTECODE="1") == [
        "The migrations of alembic.ini do not reach their head: OperationalError: "
        "(sqlite3.OperationalError) disk I/O error (migrations/env.py:*)",
        "  Fix: Run `alembic upgrade head` on an empty database, and mend what it complains of.",
    ]
    suite.check()


FILLS_THE_DISK = """
    import resource

    from sqlalchemy import text

    async def test_fills_the_disk(db):
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        await db.execute(text("CREATE TABLE big (content BLOB)"))
        await db.execute(text("INSERT INTO big VALUES (zeroblob(50000000))"))

    async def test_next(db):
        assert await db.scalar(text("SELECT count(*) FROM items")) == 0
    """


@pytest.mark.parametrize("suite", ["sqlite"], indirect=True)
def test_a_disk_that_gets_full_in_a_test(suite: Suite) -> None:
    output = suite.run(FILLS_THE_DISK, PYTHONDONTWRITEBYTECODE="1")
    assert "OperationalError: (sqlite3.OperationalError) disk I/O error" in output
    assert "FAILED tests/test_it.py::test_fills_the_disk" in output
    assert re.fullmatch("1 failed, 1 passed in .*", output.splitlines()[-1])
    suite.check()


@pytest.mark.parametrize("suite", ["sqlite"], indirect=True)
def test_a_temporary_folder_that_cannot_be_written(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    missing = tmp_path / "file" / "folder"
    problem, fix = suite.ending(
        code="import tempfile\n\n"
        f"tempfile.tempdir = {str(missing)!r}\n\n" + dedent(USES_THE_DATABASE)
    )
    assert problem.startswith(
        f"The database sqlite, a temporary file cannot be created in {missing}: [Errno 20] "
    )
    assert fix == "  Fix: Make room there, or name another folder in TMPDIR."


# --------------------------------------------------------------------- databases of other people


@servers
def test_a_database_that_is_not_ours_is_left_as_it_is(suite: Suite) -> None:
    qualified = f"{FOREIGN}.items" if suite.engine == "mysql" else "items"
    suite.server.sql(f"CREATE DATABASE {FOREIGN}")
    with foreign(suite) as cursor:
        cursor.execute(f"CREATE TABLE {qualified} (name VARCHAR(40))")
        cursor.execute(f"INSERT INTO {qualified} VALUES ('precious')")  # noqa: S608
    suite.check(TEST_DATABASE_URL=suite.server.url(name=FOREIGN), ALLOW_DB_DROP="1")
    with foreign(suite) as cursor:
        cursor.execute(f"SELECT name FROM {qualified}")  # noqa: S608
        assert cursor.fetchall() in ([("precious",)], (("precious",),))
        schema = FOREIGN if suite.engine == "mysql" else "public"
        cursor.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = %s", (schema,)
        )
        assert cursor.fetchone() == (1,)


@contextmanager
def foreign(suite: Suite) -> Iterator[Any]:
    """A cursor on the database of somebody else."""
    if suite.engine == "mysql":
        connection: Any = suite.server.connect()
    else:
        address = f"host=127.0.0.1 port={suite.server.port} user=postgres dbname={FOREIGN}"
        connection = psycopg.connect(address, autocommit=True)
    with closing(connection), connection.cursor() as cursor:
        yield cursor


@servers
def test_a_database_without_our_mark_is_dropped_only_when_somebody_says_so(suite: Suite) -> None:
    suite.check()
    [template] = suite.server.own_databases()
    suite.server.sql(f"DROP DATABASE {template}", f"CREATE DATABASE {template}")
    assert suite.ending() == [
        f"The database {suite.server.url(name=f'{PREFIX}_template_*')} is in the way of the tests, "
        "and does not carry the harness's mark.",
        "  Fix: Look at what it is and rename it, or set ALLOW_DB_DROP=1 to have it dropped.",
    ]
    assert suite.server.own_databases() == [template]
    suite.check(ALLOW_DB_DROP="1")


# ---------------------------------------------------------------------------- runs that are waiting


WAITS = """
    import os
    from pathlib import Path
    from time import sleep

    from sqlalchemy import text

    async def test_that_waits(db):
        await db.execute(text("SELECT count(*) FROM items"))
        Path(os.environ["READY"]).touch()
        while not Path(os.environ["GO"]).exists():
            sleep(0.01)
        assert await db.scalar(text("SELECT count(*) FROM items")) == 0
    """


@engines
def test_what_a_killed_run_left_is_removed_and_a_run_beside_it_is_not_disturbed(
    suite: Suite, tmp_path: Path
) -> None:
    with waiting_run(suite, tmp_path / "killed") as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    [left] = suite.left()
    with waiting_run(suite, tmp_path / "beside") as beside:
        during = suite.left()
        assert left not in during
        assert len(during) == 1
        suite.run(USES_THE_DATABASE)
        assert suite.left() == during
        (tmp_path / "beside go").touch()
        output, _ = beside.communicate()
    assert "1 passed" in output
    assert suite.left() == []


KILLS_ITS_WORKER = """
    import os
    import signal

    from sqlalchemy import text

    async def test_killed(db):
        await db.execute(text("SELECT count(*) FROM items"))
        os.kill(os.getpid(), signal.SIGKILL)

    async def test_next(db):
        assert await db.scalar(text("SELECT count(*) FROM items")) == 0
    """


@engines
def test_a_worker_that_is_killed_is_named_and_the_next_run_is_clean(suite: Suite) -> None:
    output = suite.run(KILLS_ITS_WORKER, "-n1")
    assert "crashed while running 'tests/test_it.py::test_killed'" in output
    assert re.fullmatch("1 failed, 1 passed in .*", output.splitlines()[-1])
    suite.check()


@servers
def test_a_database_without_our_mark_outlives_the_run(suite: Suite, tmp_path: Path) -> None:
    with waiting_run(suite, tmp_path / "run") as process:
        [name] = suite.left()
        unmark = {
            "postgresql": f"COMMENT ON DATABASE {name} IS NULL",
            "mysql": f"DROP VIEW {name}.test_harness_mark",
        }
        suite.server.sql(unmark[suite.engine])
        (tmp_path / "run go").touch()
        output, _ = process.communicate()
    assert "1 passed" in output
    assert suite.left() == [name]
    suite.server.sql(f"DROP DATABASE {name}")


@contextmanager
def waiting_run(suite: Suite, flag: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in the middle of its test, which ends when there is a file of that name with ` go`."""
    build_tree(suite.project, {"tests/test_waiting.py": dedent(WAITS)})
    variables = {"READY": str(flag), "GO": f"{flag} go"}
    with subprocess.Popen(
        suite.command("tests/test_waiting.py"),
        cwd=suite.project,
        env=environment(**suite.variables(variables)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while not flag.exists():
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)
        try:
            yield process
        finally:
            process.kill()


# ------------------------------------------------------------------------------ what tests may do

# In one run, each before a look at what it left. The last words of a name say how it ends.
DEEDS = """
    import asyncio

    import pytest
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import AsyncSession

    from test_harness.runtime.canary import COUNT, INSERT
    from test_harness.settings import settings

    ENGINE = settings().database.engine
    KILL = {
        "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
        "mysql": "KILL CONNECTION_ID()",
        "sqlite": "no such thing",
    }[ENGINE]
    KEPT = []

    async def insert(connection, name="left"):
        await connection.execute(text(INSERT), {"name": name})

    @pytest.fixture(autouse=True)
    async def nothing_is_left(engine):
        async with engine.connect() as connection:
            assert await connection.scalar(text(COUNT)) == 0

    async def test_closes_the_connection_passed(db):
        await insert(db)
        await (await db.connection()).close()

    async def test_closes_the_connection_of_the_driver_passed(db):
        await insert(db)
        raw = await (await db.connection()).get_raw_connection()
        closed = raw.driver_connection.close()
        if closed is not None:
            await closed
        await db.commit()
        assert await db.scalar(text(COUNT)) == 1

    async def test_closes_the_pool_passed(engine, db):
        await insert(db)
        await db.commit()
        await engine.dispose()
        assert await db.scalar(text(COUNT)) == 1

    @pytest.mark.skipif(ENGINE == "sqlite", reason="there is no server")
    async def test_ends_its_session_on_the_server_lost(db):
        await insert(db)
        with pytest.raises(DBAPIError):
            await db.execute(text(KILL))

    async def test_keeps_a_session_open_passed(engine):
        session = AsyncSession(engine)
        await insert(session)
        KEPT.append(session)

    async def test_works_on_with_a_session_that_was_kept_passed():
        await insert(KEPT[0], "again")
        await KEPT.pop().close()

    async def test_drops_a_session_without_closing_it_left_open(engine):
        await insert(AsyncSession(engine))

    async def test_drops_a_connection_in_a_transaction_left_open(engine):
        connection = await engine.connect()
        await connection.begin()
        await insert(connection)

    async def test_leaves_a_failed_transaction_passed(db):
        await insert(db)
        with pytest.raises(DBAPIError):
            await db.execute(text("SELECT nothing FROM nowhere"))

    async def test_commits_in_tasks_side_by_side_passed(engine):
        async def work(number):
            async with AsyncSession(engine) as session:
                await insert(session, f"of task {number}")
                await asyncio.sleep(0)
                await session.commit()

        await asyncio.gather(*(work(number) for number in range(8)))
        async with AsyncSession(engine) as session:
            assert await session.scalar(text(COUNT)) == 8

    async def test_rolls_back_in_tasks_side_by_side_undone(engine):
        async def work(number):
            async with AsyncSession(engine) as session:
                await insert(session, f"of task {number}")
                await barrier.wait()
                await (session.commit() if number else session.rollback())

        barrier = Barrier(2)
        await asyncio.gather(work(0), work(1))

    @pytest.mark.skipif(ENGINE != "mysql", reason="DDL is rolled back")
    async def test_creates_a_table_ddl(db):
        await insert(db)
        await db.execute(text("CREATE TABLE new_table (id INTEGER)"))

    @pytest.mark.skipif(ENGINE == "mysql", reason="there are no deferred constraints")
    async def test_breaks_a_deferred_constraint_broken(db):
        await db.execute(text("INSERT INTO children (parent_id) VALUES (1)"))

    async def test_is_the_last_passed(db):
        await insert(db)


    class Barrier:
        # That of asyncio is there from Python 3.11 on.
        def __init__(self, parties):
            self.missing = parties
            self.all_there = asyncio.Event()

        async def wait(self):
            self.missing -= 1
            if not self.missing:
                self.all_there.set()
            await self.all_there.wait()
    """


# By the last word of the name: what pytest calls it, and what it says.
ENDINGS = {
    "passed": ("", ""),
    "lost": ("error", "The test ended with its connection to the database lost: "),
    "open": ("error", "left a session or a connection open (tests/test_it.py:"),
    "undone": ("failure", "rolled back a transaction that began before another one wrote, and on"),
    "ddl": ("failure", "test_it.py:%d sent `CREATE TABLE new_table (id INTEGER)`, which commits"),
    "broken": ("error", "The test leaves rows that no commit would accept: "),
}


@engines
def test_whatever_a_test_does_is_named_and_the_next_one_is_clean(
    suite: Suite, tmp_path: Path
) -> None:
    # Begun anew on connections of their own, most would have nothing to tell.
    results = f"--junit-xml={tmp_path / 'results'}"
    output = suite.run(DEEDS, results, TEST_HARNESS_DATABASE_ISOLATION="shared")
    line = DEEDS[: DEEDS.index("CREATE TABLE")].count("\n")
    cases = list(ElementTree.parse(tmp_path / "results").iter("testcase"))
    assert len(cases) == DEEDS.count("async def test_"), output
    for case in cases:
        name = case.get("name") or ""
        status, said = ENDINGS[name.rpartition("_")[2]]
        silent = {"skipped", "properties"}
        reports = [(child.tag, child.text or "") for child in case if child.tag not in silent]
        expected = [status] if status and not skipped(case) else []
        assert [tag for tag, _ in reports] == expected, (name, reports)
        for _, text in reports:
            assert said.replace("%d", str(line)) in text
            # Where the harness stood when it noticed tells nobody anything.
            assert status == "failure" or len(text.splitlines()) <= 2


def skipped(case: ElementTree.Element) -> bool:
    return any(child.tag == "skipped" for child in case)
