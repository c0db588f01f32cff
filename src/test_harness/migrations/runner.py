"""Runs `env.py` with steps of the walk's own, and writes down the statements of revisions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationStep
from sqlalchemy import Connection, Engine, event

from test_harness.databases.database import Database
from test_harness.migrations.history import History
from test_harness.runtime.schema import sync_engine

Steps = Callable[..., Iterator[MigrationStep]]


def run_environment(history: History, database: Database, steps: Steps) -> None:
    """Run `env.py` as Alembic's own commands do, with steps of our own.

    Args:
        history: The history that `env.py` belongs to.
        database: Where to connect for an `env.py` that leaves this to whoever calls Alembic.
        steps: What Alembic calls `fn`.
    """

    def run() -> None:
        with EnvironmentContext(history.config, history.script, fn=steps, destination_rev="heads"):
            history.script.run_env()

    try:
        run()
    except KeyError as error:
        if error.args != ("connection",):
            raise
        with sync_engine(database) as engine, engine.connect() as connection:
            history.config.attributes["connection"] = connection
            try:
                run()
            finally:
                del history.config.attributes["connection"]


@dataclass(frozen=True)
class Statement:
    """A statement of a revision; `line` is where in its file, 0 when that was not asked for."""

    text: str
    line: int


class Recorder:
    """Writes down the statements that revisions send, on whichever engine.

    Args:
        database: The database they are sent to.
    """

    def __init__(self, database: Database) -> None:
        self._set_up = database.on_connect
        self._is_own_work = False
        self._path = ""
        self.sent: list[Statement] = []

    def begin(self, path: str = "") -> None:
        """Begin with an empty page; a path asks for the lines of that file."""
        self.sent, self._path = [], path

    def of_revision(self, version_table: str) -> list[Statement]:
        """Return what the revision sent, without what Alembic notes down about it."""
        return [it for it in self.sent if version_table not in it.text.lower()]

    @contextmanager
    def own_work(self, connection: Connection) -> Iterator[None]:
        """Within the block statements are the harness's own, and leave no transaction behind."""
        began = not connection.in_transaction()
        self._is_own_work = True
        try:
            yield
        finally:
            self._is_own_work = False
        if began and connection.in_transaction():
            connection.commit()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block every engine is listened to."""
        listeners: dict[str, Callable[..., None]] = {
            "before_cursor_execute": self._note,
            "connect": self._connected,
        }
        for name, listener in listeners.items():
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(Engine, name, listener)

    def _note(self, connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if not self._is_own_work:
            self.sent.append(Statement(statement, _line_in(self._path) if self._path else 0))

    def _connected(self, connection: Any, record: Any) -> None:
        # Nothing of this has to survive a power cut.
        cursor = connection.cursor()
        for statement in self._set_up:
            cursor.execute(statement)
        cursor.close()
        connection.commit()


def _line_in(path: str) -> int:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == path:
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return 0
