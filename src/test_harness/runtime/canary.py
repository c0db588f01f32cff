"""What the canaries of `checks/` write to: a table of the harness's own in the test database."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import URL

from test_harness.databases.database import Database
from test_harness.isolation.seam import Seam
from test_harness.runtime.schema import sync_engine
from test_harness.settings import DatabaseSettings

COUNT = "SELECT count(*) FROM test_harness_canary"
INSERT = "INSERT INTO test_harness_canary (name) VALUES (:name)"


def create_canary(seam: Seam, database: Database) -> None:
    """Create the table in the test database."""
    create = "CREATE TABLE test_harness_canary (name VARCHAR(40) PRIMARY KEY)"
    with (
        seam.real_connections(database),
        sync_engine(database) as engine,
        engine.begin() as connection,
    ):
        connection.execute(text(create))


def decoy_url(database: DatabaseSettings) -> URL:
    """Return an address as production settings might give it; nothing answers there."""
    drivername = f"{database.engine}+{database.driver}"
    if database.engine == "sqlite":
        return URL.create(drivername, database="production-of-the-canary.sqlite3")
    return URL.create(
        drivername,
        username="app",
        password="s3cret",  # noqa: S106 - nobody's password
        host="production.invalid",
        database="app",
    )
