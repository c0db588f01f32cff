"""An empty database for each test of the peers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url

URL = make_url(os.environ["PEER_URL"])


@pytest.fixture
def alembic_engine() -> Iterator[Engine]:
    drop()
    engine = create_engine(URL)
    yield engine
    engine.dispose()
    drop(again=False)


def drop(*, again: bool = True) -> None:
    """Remove the database, and make it again."""
    if URL.get_backend_name() == "sqlite":
        assert URL.database is not None
        if os.path.exists(URL.database):  # noqa: PTH110 - as short as the rest
            os.remove(URL.database)  # noqa: PTH107
        return
    server = create_engine(URL.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {URL.database}")
        if again:
            connection.exec_driver_sql(f"CREATE DATABASE {URL.database}")
    server.dispose()
