"""The engine, and the factory of the sessions that requests work in."""

from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import sessionmaker
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
