"""A database for each test, cloned by pytest-postgresql from one that has the schema."""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from app.database_sync import SessionLocal
from app.models import Base
from pytest_postgresql import factories
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

SERVER = make_url(os.environ["DATABASE_URL"])


def address(user: str, host: str, port: int, dbname: str) -> URL:
    return URL.create(SERVER.drivername, user, SERVER.password, host, port, dbname)


def make_schema(user: str, host: str, port: int, dbname: str, **rest: Any) -> None:
    engine = create_engine(address(user, host, port, dbname), poolclass=NullPool)
    Base.metadata.create_all(engine)


postgresql_noproc = factories.postgresql_noproc(
    host=SERVER.host,
    port=SERVER.port,
    user=SERVER.username,
    password=SERVER.password,
    dbname=f"{SERVER.database}_clone",
    load=[make_schema],
)
postgresql = factories.postgresql("postgresql_noproc")


@pytest.fixture(autouse=True)
def engine(postgresql: Any) -> Iterator[Any]:
    info = postgresql.info
    engine = create_engine(
        address(info.user, info.host, info.port, info.dbname), poolclass=NullPool
    )
    SessionLocal.configure(bind=engine)
    yield engine
    engine.dispose()
