"""MySQL and MariaDB servers: the one of TEST_DATABASE_URL, or one that answers on this machine."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from pymysql.constants.CR import CR_CONN_HOST_ERROR
from pymysql.cursors import Cursor
from sqlalchemy.engine import URL

from test_harness.databases.naming import PREFIX
from test_harness.databases.servers import port_of, refuse_foreign, refused, shown_url
from test_harness.errors import ProvisioningError
from test_harness.lock.connections import permitted
from test_harness.lock.network import is_this_machine

CONNECT_TIMEOUT_SECONDS = 5

# Where the packages of distributions, Homebrew and the official builds put it.
SOCKETS = (
    "/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",  # noqa: S108 - nothing is written there
)


def find_server(given: URL | None) -> URL:
    """Return the address of a server that lets the tests create databases.

    Args:
        given: The address that was asked for; None looks for one.

    Raises:
        ProvisioningError: The server that was asked for does not let us in, or there is none.
        SettingsError: It is not on this machine.
    """
    if given is not None:
        refuse_foreign(given)
        return _reachable(given)
    server, refusals = _search()
    if server is None:
        raise ProvisioningError(
            "No MySQL or MariaDB server of this machine lets the tests create databases: "
            f"{'; '.join(refusals) or 'none was found'}.",
            "Run `docker compose -f docker-compose.test.yml up -d --wait`, and set "
            "TEST_DATABASE_URL as it says.",
        )
    return server


def local_server() -> URL | None:
    """Return a server that answers on this machine, None when there is none."""
    return _search()[0]


def connect(url: URL) -> pymysql.Connection[Cursor]:
    """Return a connection for the harness's own work; only within `permitted()`."""
    # The database that the URL names need not exist: ours is created beside it.
    dialect = url.set(drivername="mysql+pymysql", database="").get_dialect()()
    _, arguments = dialect.create_connect_args(url.set(database=""))
    # Many tables in one round trip.
    arguments["client_flag"] = arguments.get("client_flag", 0) | CLIENT.MULTI_STATEMENTS
    connection: pymysql.Connection[Cursor] = pymysql.connect(
        **{**arguments, "autocommit": True, "connect_timeout": CONNECT_TIMEOUT_SECONDS}
    )
    return connection


def reason(error: Exception) -> str:
    """Return what a server or the driver said, in one line."""
    text = str(error.args[-1] if error.args else error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


def _reachable(url: URL) -> URL:
    try:
        with permitted():
            connect(url).close()
    # The driver raises a RuntimeError when it lacks a package for the server's kind of passwords.
    except (pymysql.err.Error, RuntimeError, TypeError) as error:
        shown = shown_url(url)
        raise refused(f"MySQL at {shown}", reason(error)) from None
    return url


@cache
def _search() -> tuple[URL | None, tuple[str, ...]]:
    """Return the first server that may be used, and why the ones before it may not."""
    refusals: list[str] = []
    for address in _addresses():
        for user in _users():
            url = URL.create("mysql+pymysql", user, os.environ.get("MYSQL_PWD"), **address)
            try:
                with permitted(), connect(url) as connection, connection.cursor() as cursor:
                    # Whether it may can be granted in many ways, so it is tried.
                    probe = f"`{PREFIX}_probe_{os.getpid()}`"
                    cursor.execute(f"CREATE DATABASE {probe}; DROP DATABASE {probe}")
                    cursor.nextset()
            except (pymysql.err.Error, RuntimeError) as error:
                refusals.append(reason(error))
                if error.args[0] == CR_CONN_HOST_ERROR:
                    break  # whoever asks
            else:
                return url, ()
    return None, tuple(dict.fromkeys(refusals))


def _addresses() -> Iterator[dict[str, Any]]:
    host, port = os.environ.get("MYSQL_HOST"), port_of("MYSQL_TCP_PORT", 3306)
    if host is None or is_this_machine(host):
        yield {"host": host or "127.0.0.1", "port": port}
    if host is None:
        given = os.environ.get("MYSQL_UNIX_PORT")
        for socket in (given,) if given else SOCKETS:
            # It is no host name, and does not fit where one stands in a URL.
            if os.path.exists(socket):  # noqa: PTH110
                yield {"query": {"unix_socket": socket}}


def _users() -> list[str]:
    given = os.environ.get("MYSQL_USER")
    return [given] if given else list(dict.fromkeys(("root", getpass.getuser())))
