"""PostgreSQL: databases made for one run, copied from a template that is kept between runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from test_harness.databases.database import Policies, Template
from test_harness.databases.naming import PREFIX, RunName, is_half_made
from test_harness.databases.postgresql_baseline import Baseline
from test_harness.databases.postgresql_policies import bind
from test_harness.databases.postgresql_server import connect, find_server, local_server
from test_harness.databases.servers import (
    LOCK_WAIT_SECONDS,
    TEMPLATE_WAIT_SECONDS,
    ServerDatabase,
    given_up,
    refuse_unmarked,
    template_kept,
)
from test_harness.errors import ProvisioningError, first_line
from test_harness.lock.connections import permitted

TEMPLATE_MARK = f"{PREFIX} template"

# Without a host postgres_fdw takes this machine. What is tried says where it leads.
CUT_OFF = """
DO $$
DECLARE
    led record;
    given text;
BEGIN
    FOR led IN
        SELECT srvname, coalesce(srvoptions, '{}') AS options, fdwname
        FROM pg_foreign_server JOIN pg_foreign_data_wrapper ON pg_foreign_data_wrapper.oid = srvfdw
    LOOP
        FOR given IN SELECT split_part(option, '=', 1) FROM unnest(led.options) AS option LOOP
            IF given IN ('host', 'hostaddr', 'service') THEN
                EXECUTE format('ALTER SERVER %I OPTIONS (DROP %I)', led.srvname, given);
            END IF;
        END LOOP;
        IF led.options::text ~ '\\y(host|hostaddr|service)='
            OR led.fdwname IN ('postgres_fdw', 'dblink_fdw')
        THEN
            EXECUTE format(
                'ALTER SERVER %I OPTIONS (ADD host %L)', led.srvname, 'locked-in-tests.invalid'
            );
        END IF;
    END LOOP;
END
$$
"""


def _limit(seconds: int) -> str:
    # One that the application, or whoever owns the role, has set stays as it is.
    return (
        "SELECT set_config('lock_timeout', CASE current_setting('lock_timeout') WHEN '0' "
        f"THEN '{seconds}s' ELSE current_setting('lock_timeout') END, false)"
    )


def make(name: RunName, url: URL | None, purpose: str) -> PostgreSQLDatabase:
    """Return a database that is not there yet, on the server of `url` or on one that is found."""
    return PostgreSQLDatabase(name, url, name.database(purpose))


class PostgreSQLDatabase(ServerDatabase):
    """A database on a server of this kind."""

    engine = "postgresql"
    on_connect: tuple[str, ...] = ()
    when_opened: tuple[str, ...] = (_limit(LOCK_WAIT_SECONDS), "SELECT pg_backend_pid()")
    policies = Policies()

    _unknown_server = "a PostgreSQL server of its own"
    _local_server = staticmethod(local_server)

    def create(self, template: Template | None = None) -> None:
        self._server = find_server(self._given)
        with self._maintenance() as connection:
            self._drop_left_overs(connection)
            source = self._ensure_template(connection, template) if template else "template0"
            self._create(connection, source)

    def cut_off(self) -> None:
        """Have the foreign servers that migrations made lead nowhere."""
        with permitted(), connect(self.url("postgresql")) as connection:
            connection.execute(CUT_OFF)

    def baseline(self) -> Baseline | None:
        assert self._server is not None
        with permitted():
            connection = connect(self.url("postgresql"))
        try:
            return Baseline(connection)
        except psycopg.errors.InsufficientPrivilege:
            connection.close()
            return None  # of a role that may not switch triggers off

    def _ensure_template(self, connection: psycopg.Connection[Any], template: Template) -> str:
        prefix = RunName(self._run.project, template.run, "").database()
        name = f"{prefix}_{template.key}"
        # One process builds it, or replaces it by that of another revision, and the others wait
        # until it has been copied; the lock ends with the connection.
        try:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (prefix,))
        except psycopg.errors.LockNotAvailable:
            raise template_kept(self._run.project) from None
        mark = self._mark(connection, name)
        if mark != TEMPLATE_MARK:
            if mark and mark.startswith(PREFIX):
                self._drop(connection, name)  # half of it: whoever builds it holds the lock
            database = PostgreSQLDatabase(self._run, self._given, name)
            database.create()
            template.build(database)
            database.cut_off()
            for old in self._named(connection, prefix):
                if self._mark(connection, old) == TEMPLATE_MARK:
                    self._drop(connection, old)
            self._set_mark(connection, name, TEMPLATE_MARK)
        # A database can be copied only while nobody is connected to it.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        return name

    def _create(self, connection: psycopg.Connection[Any], source: str) -> None:
        names = sql.Identifier(self._name), sql.Identifier(source)
        # Who makes it stands there from the first moment on; the mark comes by a second statement.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} CONNECTION LIMIT {}").format(
            *names, sql.Literal(self._run.number())
        )
        try:
            connection.execute(create)
        except psycopg.errors.InsufficientPrivilege as error:
            role, reason = connection.info.user, first_line(error)
            raise ProvisioningError(
                f"PostgreSQL does not let the role {role!r} make {self.shown}: {reason}.",
                f"Drop {source}, which another role made, or name that role in TEST_DATABASE_URL."
                if "to copy" in reason
                else f"Run `ALTER ROLE {role} CREATEDB`, or name another role in "
                "TEST_DATABASE_URL.",
            ) from None
        except psycopg.errors.DuplicateDatabase:
            refuse_unmarked(self.shown)
            self._drop(connection, self._name)
            connection.execute(create)
        self._set_mark(connection, self._name, self._run.owner())
        # Real commits in a test need not survive a power cut.
        asynchronous = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off")
        connection.execute(asynchronous.format(sql.Identifier(self._name)))

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        """Yield a connection for the harness's own work; what the server refuses is explained."""
        assert self._server is not None
        try:
            with permitted():
                connection = connect(self._server)
            with connection:
                connection.execute(_limit(TEMPLATE_WAIT_SECONDS))
                yield connection
        except psycopg.Error as error:
            raise given_up(self.shown, first_line(error)) from None

    @staticmethod
    def _named(connection: psycopg.Connection[Any], prefix: str) -> list[str]:
        # What another role made, this one may not drop, and need not.
        rows = connection.execute(
            "SELECT datname FROM pg_database "
            "WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')",
            (f"{prefix}_",),
        )
        return [name for (name,) in rows]

    def _drop_left_overs(self, connection: psycopg.Connection[Any]) -> None:
        super()._drop_left_overs(connection)
        for name in self._named(connection, RunName(self._run.project, "", "").database()):
            [(number,)] = connection.execute(
                "SELECT max(datconnlimit) FROM pg_database WHERE datname = %s", (name,)
            )
            if number and self._mark(connection, name) is None and is_half_made(number):
                self._drop(connection, name)

    def blockers(self, sessions: Mapping[int, Any]) -> dict[int, str]:
        with self._maintenance() as connection:
            rows = connection.execute(
                "SELECT pid, query FROM pg_stat_activity "
                "WHERE pid = ANY(%s) AND xact_start IS NOT NULL",
                (list(sessions),),
            )
            return dict(rows.fetchall())

    def functions(self) -> frozenset[str]:
        # One that is STABLE or IMMUTABLE is refused to write, and those of the server do not.
        with permitted(), connect(self.url("postgresql")) as connection:
            rows = connection.execute(
                "SELECT lower(proname) FROM pg_proc "
                "WHERE provolatile = 'v' AND prokind = 'f' AND oid >= 16384 "
                "UNION SELECT lower(relname) FROM pg_class "
                "JOIN pg_rewrite ON ev_class = pg_class.oid JOIN pg_depend "
                "ON classid = 'pg_rewrite'::regclass AND objid = pg_rewrite.oid "
                "JOIN pg_proc ON refclassid = 'pg_proc'::regclass AND refobjid = pg_proc.oid "
                "WHERE relkind = 'v' AND provolatile = 'v' AND pg_proc.oid >= 16384"
            )
            return frozenset(name for (name,) in rows)

    def clocked_tables(self) -> frozenset[str]:
        with permitted(), connect(self.url("postgresql")) as connection:
            rows = connection.execute(
                "SELECT DISTINCT lower(relname) FROM pg_attrdef JOIN pg_class c ON c.oid = adrelid "
                "WHERE pg_get_expr(adbin, adrelid) ~* "
                r"'\m(now|transaction_timestamp)\(\)|\mcurrent_time|\mlocaltime'"
            )
            return frozenset(name for (name,) in rows)

    def bind(self, role: str) -> None:
        # A server that is gone is told of where somebody needs it.
        with suppress(psycopg.OperationalError), permitted(), connect(self.url("postgresql")) as it:
            self.policies = bind(it, role)

    @staticmethod
    def _mark(connection: psycopg.Connection[Any], name: str) -> str | None:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            (name,),
        ).fetchone()
        return row[0] if row else None

    @staticmethod
    def _set_mark(connection: psycopg.Connection[Any], name: str, mark: str) -> None:
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(comment.format(sql.Identifier(name), sql.Literal(mark)))

    @staticmethod
    def _drop(connection: psycopg.Connection[Any], name: str) -> None:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))
