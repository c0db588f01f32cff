# mypy: ignore-errors
"""Checks that the suite runs where it should: on the test database, and on nothing else."""

from __future__ import annotations

import importlib
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from test_harness.errors import DatabaseLockedError, NetworkBlockedError
from test_harness.factories.contract import fail
from test_harness.factories.missing import missing_tables
from test_harness.project import suite_dir
from test_harness.runtime.process import runtime
from test_harness.runtime.tables import lacking_tables

pytestmark = pytest.mark.integration

PRODUCTION = suite_dir() / "production-of-the-canary.sqlite3"


def test_every_table_of_the_metadata_exists(database: None) -> None:
    lacking = lacking_tables()
    if lacking:
        fail(missing_tables(lacking))


def test_the_shown_address_has_no_password() -> None:
    assert re.search(r":[^*/:@]+@", runtime().database.shown) is None


def test_another_kind_of_database_is_refused() -> None:
    # Refused before the driver is asked, so a stand-in for one is enough.
    driver = SimpleNamespace(paramstyle="pyformat", Error=OSError)
    engine = create_engine("mssql+pymssql://app:s3cret@production.invalid/app", module=driver)
    with pytest.raises(DatabaseLockedError, match="not the test database") as refusal:
        engine.connect()
    assert "mssql://app@production.invalid/app" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_a_file_outside_of_the_temporary_folder_is_not_opened_directly() -> None:
    with pytest.raises(DatabaseLockedError, match=r"test_infrastructure.py:[0-9]+ tried to open"):
        sqlite3.connect(PRODUCTION)
    assert not PRODUCTION.exists()


def test_a_file_outside_of_the_temporary_folder_is_not_attached() -> None:
    refused = pytest.raises(sqlite3.DatabaseError, match="not authorized")
    quoted = str(PRODUCTION).replace("'", "''")
    with closing(sqlite3.connect(":memory:")) as connection, refused:
        connection.execute(f"ATTACH '{quoted}' AS production")
    assert not PRODUCTION.exists()


def test_a_subprocess_opens_no_file_either() -> None:
    code = f"import sqlite3; sqlite3.connect({str(PRODUCTION)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "tried to open the SQLite file" in done.stderr
    assert not PRODUCTION.exists()


def test_a_driver_is_not_called_directly() -> None:
    name = {"postgresql": "psycopg", "mysql": "pymysql"}.get(runtime().database.engine, "sqlite3")
    where = {"database": PRODUCTION} if name == "sqlite3" else {"host": "production.invalid"}
    with pytest.raises(DatabaseLockedError, match="tried to open"):
        importlib.import_module(name).connect(**where)


# Numbers are not asked for in the network; these are of nobody (RFC 5737).
@pytest.mark.parametrize("host", ["production.invalid", "192.0.2.1"])
def test_the_network_is_not_reached(host: str) -> None:
    with pytest.raises(NetworkBlockedError, match=rf"test_infrastructure.py:\d+ .* {host}:443"):
        socket.create_connection((host, 443), timeout=0.1)


def test_a_server_on_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as connection:
            assert connection.getpeername()[1] == port


@pytest.mark.network("192.0.2.1")
def test_a_test_may_ask_for_a_host() -> None:
    assert socket.getaddrinfo("192.0.2.1", 443)
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("192.0.2.2", 443)
    runtime().network.open(set())
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("192.0.2.1", 443)
