"""The database, and the session each request works in: `db.session()`."""

from flask import Flask, Response
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

db = SQLAlchemy(session_options={"expire_on_commit": False})


def add_database(app: Flask) -> None:
    """Give each request of `app` a session, which is committed when the request succeeded."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", enforce_foreign_keys)

    @app.after_request
    def commit(response: Response) -> Response:
        """Commit, unless the answer is an error: then the end of the session rolls it back."""
        if response.status_code < 400:
            db.session.commit()
        return response


def enforce_foreign_keys(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """SQLite ignores foreign keys unless each connection asks for them."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
