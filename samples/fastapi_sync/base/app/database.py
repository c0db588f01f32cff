"""The engine, and the session each request works in."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.config import settings

engine = create_engine(settings.database_url)
session_factory = sessionmaker(engine, expire_on_commit=False)

if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def enforce_foreign_keys(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        """SQLite ignores foreign keys unless each connection asks for them."""
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


def get_session() -> Iterator[Session]:
    """Yield a session, and commit it when the request succeeded.

    An error leaves the block before the commit, and closing the session rolls it back.
    """
    with session_factory() as session:
        yield session
        session.commit()


# "function" commits before the response is sent: the default would answer 201 first and
# commit afterwards, and a commit that fails would never be reported.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
