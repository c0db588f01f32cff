"""MySQL and MariaDB: databases made for one run, copied from a template kept between runs.

Neither server keeps a comment on every database, so the mark of the harness is a view inside:
made in one statement, and out of sight of migrations, which look at tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.constants.ER import (
    DB_CREATE_EXISTS,
    DBACCESS_DENIED_ERROR,
    KILL_DENIED_ERROR,
    NO_SUCH_THREAD,
    SPECIFIC_ACCESS_DENIED_ERROR,
    TABLEACCESS_DENIED_ERROR,
)
from sqlalchemy.engine import URL

from test_harness.databases.database import Policies, Template
from test_harness.databases.mysql_baseline import Baseline
from test_harness.databases.mysql_copy import Connection, copy_database, fetch, quoted, send
from test_harness.databases.mysql_server import connect, find_server, local_server, reason
from test_harness.databases.naming import PREFIX, RunName
from test_harness.databases.servers import (
    LOCK_WAIT_SECONDS,
    TEMPLATE_WAIT_SECONDS,
    ServerDatabase,
    given_up,
    refuse_unmarked,
    template_kept,
)
from test_harness.errors import ProvisioningError
from test_harness.lock.connections import permitted

TEMPLATE_MARK = f"{PREFIX} template"
MARK_VIEW = f"{PREFIX}_mark"
GRANT = r"GRANT ALL ON `test\_harness\_%`.*"
NOT_ALLOWED = {DBACCESS_DENIED_ERROR, SPECIFIC_ACCESS_DENIED_ERROR, TABLEACCESS_DENIED_ERROR}

MAINTENANCE_WAIT_SECONDS = 30


def make(name: RunName, url: URL | None, purpose: str) -> MySQLDatabase:
    """Return a database that is not there yet, on the server of `url` or on one that is found."""
    return MySQLDatabase(name, url, name.database(purpose))


class MySQLDatabase(ServerDatabase):
    """A database on a server of this kind."""

    engine = "mysql"
    on_connect: tuple[str, ...] = ()
    # By default a server lets statements wait for a day or a year for another connection.
    when_opened: tuple[str, ...] = (
        *(
            f"SET SESSION {name} = LEAST(@@{name}, {LOCK_WAIT_SECONDS})"
            for name in ("innodb_lock_wait_timeout", "lock_wait_timeout")
        ),
        "SELECT connection_id()",
    )
    policies = Policies()

    _source = ""
    """What it was copied from."""

    _unknown_server = "a MySQL or MariaDB server"
    _local_server = staticmethod(local_server)

    def create(self, template: Template | None = None) -> None:
        self._server = find_server(self._given)
        with self._maintenance() as connection:
            self._drop_left_overs(connection)
            if template is None:
                self._create(connection, _character_set_of_server(connection))
            else:
                self._source = self._ensure_template(connection, template)
                self._create(connection, _character_set_of(connection, self._source))
                copy_database(connection, self._source, self._name, without=MARK_VIEW)

    def baseline(self) -> Baseline:
        assert self._server is not None
        with permitted():
            connection = connect(self._server)
        return Baseline(connection, self._name, self._source)

    def _ensure_template(self, connection: Connection, template: Template) -> str:
        prefix = RunName(self._run.project, template.run, "").database()
        name = f"{prefix}_{template.key}"
        # One process builds it, or replaces it by that of another revision, and the others wait
        # until it has been copied; the lock ends with the connection.
        got = fetch(connection, "SELECT get_lock(%s, %s)", prefix, TEMPLATE_WAIT_SECONDS)
        if got != ((1,),):
            raise template_kept(self._run.project)
        # What another account made may be hidden from this one, and not be its to copy.
        [(account,)] = fetch(connection, "SELECT current_user()")
        finished, mark = f"{TEMPLATE_MARK} of {account}", self._mark(connection, name)
        if mark != finished:
            if mark is not None:
                self._drop(connection, name)  # or half of it: whoever builds it holds the lock
            database = MySQLDatabase(self._run, self._given, name)
            database.create()
            template.build(database)
            for old in self._named(connection, prefix):
                if (self._mark(connection, old) or "").startswith(TEMPLATE_MARK):
                    self._drop(connection, old)
            send(connection, _marking(connection, name, finished))
        return name

    def _create(self, connection: Connection, character_set: str) -> None:
        # In one round trip, so that no database is left without a mark when this process dies.
        statements = (
            f"CREATE DATABASE {quoted(self._name)} {character_set}",
            _marking(connection, self._name, self._run.owner()),
        )
        try:
            send(connection, *statements)
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != DB_CREATE_EXISTS:
                raise
            refuse_unmarked(self.shown)
            self._drop(connection, self._name)
            send(connection, *statements)

    @contextmanager
    def _maintenance(self) -> Iterator[Connection]:
        """Yield a connection for the harness's own work; what the server refuses is explained."""
        assert self._server is not None
        connection = None
        try:
            with permitted():
                connection = connect(self._server)
            send(connection, f"SET SESSION lock_wait_timeout = {MAINTENANCE_WAIT_SECONDS}")
            yield connection
        except pymysql.err.Error as error:
            if error.args[0] in NOT_ALLOWED:
                raise ProvisioningError(
                    f"MySQL does not let the tests make {self.shown}: {reason(error)}.",
                    f"Run {GRANT} TO {_account(connection)}; as an administrator, or name "
                    "another user in TEST_DATABASE_URL.",
                ) from None
            raise given_up(self.shown, reason(error)) from None
        finally:
            if connection is not None and connection.open:
                connection.close()

    @staticmethod
    def _named(connection: Connection, prefix: str) -> list[str]:
        """Return the databases whose names begin with a prefix and that carry a mark."""
        rows = fetch(
            connection,
            "SELECT table_schema FROM information_schema.tables "
            "WHERE table_schema LIKE %s AND table_name = %s",
            f"{prefix}_%".replace("_", r"\_"),
            MARK_VIEW,
        )
        return [name for (name,) in rows]

    def blockers(self, sessions: Mapping[int, Any]) -> dict[int, str]:
        with self._maintenance() as connection:
            listed = {row[0]: row[7] for row in fetch(connection, "SHOW FULL PROCESSLIST")}
        return {session: listed[session] or "" for session in sessions if session in listed}

    def clocked_tables(self) -> frozenset[str]:
        return frozenset()

    def bind(self, role: str) -> None:
        """Do nothing: there is no row-level security."""

    def functions(self) -> frozenset[str]:
        with self._maintenance() as connection:
            rows = fetch(
                connection,
                "SELECT lower(routine_name) FROM information_schema.routines "
                "WHERE routine_schema = %s AND routine_type = 'FUNCTION'",
                self._name,
            )
            return frozenset(name for (name,) in rows)

    @staticmethod
    def _mark(connection: Connection, name: str) -> str | None:
        try:
            [(mark,)] = fetch(connection, f"SELECT owner FROM {quoted(name)}.{MARK_VIEW}")  # noqa: S608
        except (pymysql.err.OperationalError, pymysql.err.ProgrammingError):
            return None  # there is no such database, or no such view in it
        return str(mark)

    @staticmethod
    def _drop(connection: Connection, name: str) -> None:
        # A connection that is in the middle of a transaction there would have us wait.
        for row in fetch(connection, "SHOW PROCESSLIST"):
            identifier, database = row[0], row[3]
            if database == name and identifier != connection.thread_id():
                try:
                    send(connection, f"KILL {identifier}")
                except pymysql.err.Error as error:
                    if error.args[0] not in {KILL_DENIED_ERROR, NO_SUCH_THREAD}:
                        raise
        send(connection, f"DROP DATABASE IF EXISTS {quoted(name)}")


def _account(connection: Connection | None) -> str:
    if connection is None:
        return "it"
    [(account,)] = fetch(connection, "SELECT current_user()")
    user, _, host = account.rpartition("@")
    return f"'{user}'@'{host}'"


def _character_set_of_server(connection: Connection) -> str:
    [(collation,)] = fetch(connection, "SELECT @@collation_server")
    given = f" COLLATE {collation}" if collation.startswith("utf8mb4") else ""
    return f"CHARACTER SET utf8mb4{given}"


def _character_set_of(connection: Connection, name: str) -> str:
    [(character_set, collation)] = fetch(
        connection,
        "SELECT default_character_set_name, default_collation_name "
        "FROM information_schema.schemata WHERE schema_name = %s",
        name,
    )
    return f"CHARACTER SET {character_set} COLLATE {collation}"


def _marking(connection: Connection, name: str, mark: str) -> str:
    return (
        f"CREATE OR REPLACE SQL SECURITY INVOKER VIEW {quoted(name)}.{MARK_VIEW} "
        f"AS SELECT {connection.escape(mark)} AS owner"
    )
