"""SQLAlchemy's own recipe: a session that joins the transaction of a connection for each test.

As its documentation has it under "Joining a Session into an External Transaction", with what it
says of SQLite's driver, whose own transactions would end the outer one.
"""
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from app import database_sync
from app.models import Base
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


@pytest.fixture(scope="session")
def engine() -> Engine:
    engine: Engine = database_sync.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_transactions_of_its_own)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    Base.metadata.create_all(engine)
    return engine


def _without_transactions_of_its_own(connection: Any, _: Any) -> None:
    connection.isolation_level = None


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    connection = engine.connect()
    transaction = connection.begin()
    session = Session(bind=connection, join_transaction_mode="create_savepoint")
    yield session
    session.close()
    transaction.rollback()
    connection.close()
