"""The lock on what does not pass through SQLAlchemy: drivers that are called directly.

Engines are the seam's business (`seam.py`). libpq opens its sockets unseen by Python, so psycopg
and psycopg2 are guarded at their `connect`; SQLite and drivers written in Python are seen by audit
hooks (https://docs.python.org/3/library/audit_events.html).
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.callers import caller
from harness.errors import DatabaseLockedError
from harness.settings import PROJECT_DIR

DATABASE_PORTS = {1433, 1521, 3306, 5432}

_permitted: ContextVar[bool] = ContextVar("permitted", default=False)


@contextmanager
def permitted() -> Iterator[None]:
    """Within the block the harness itself may connect where it needs to."""
    token = _permitted.set(True)
    try:
        yield
    finally:
        _permitted.reset(token)


class Lock:
    """Refuses direct connections; connections of the harness are made inside `permitted()`.

    Args:
        shown: The test database as messages name it.
    """

    def __init__(self, shown: Callable[[], str]) -> None:
        self._shown = shown
        self._active = False
        self._originals: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Refuse from now on."""
        self._active = True
        sys.addaudithook(self._audit)
        self.guard_drivers()

    def uninstall(self) -> None:
        """Stop refusing; an audit hook cannot be removed, so it is told to look away."""
        self._active = False
        while self._originals:
            owner, name, original = self._originals.pop()
            setattr(owner, name, original)

    def guard_drivers(self) -> None:
        """Guard the libpq drivers that have been imported since the last call."""
        psycopg, psycopg2 = sys.modules.get("psycopg"), sys.modules.get("psycopg2")
        if psycopg is not None and hasattr(psycopg, "AsyncConnection"):
            self._guard(psycopg.Connection, "connect")
            self._guard(psycopg.AsyncConnection, "connect")
            self._guard(psycopg, "connect")
        if psycopg2 is not None and hasattr(psycopg2, "connect"):
            self._guard(psycopg2, "connect")

    def _guard(self, owner: Any, name: str) -> None:
        original = vars(owner)[name]
        is_method = isinstance(original, classmethod)
        connect = original.__func__ if is_method else original
        if getattr(connect, "guarded", False):
            return

        @functools.wraps(connect)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if self._active and not _permitted.get():
                raise self._refusal("a PostgreSQL database")
            return connect(*args, **kwargs)

        guarded.guarded = True  # type: ignore[attr-defined]
        self._originals.append((owner, name, original))
        setattr(owner, name, classmethod(guarded) if is_method else guarded)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if not self._active or _permitted.get():
            return
        if name == "sqlite3.connect":
            path = _sqlite_path(arguments[0])
            if path is not None and not _is_scratch(path):
                raise self._refusal(f"the SQLite file {path}")
        elif name == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in DATABASE_PORTS:
                raise self._refusal(f"a database server at {address[0]}:{address[1]}")

    def _refusal(self, target: str) -> DatabaseLockedError:
        return DatabaseLockedError(
            f"{caller()} tried to open {target} directly; the test database is {self._shown()}.",
            "Go through SQLAlchemy, which the harness leads to the test database, or replace the "
            "call in the test.",
        )


def _sqlite_path(database: Any) -> Path | None:
    text = os.fsdecode(database)
    if text.startswith("file:"):
        parts = urlsplit(text)
        if "mode=memory" in parts.query or parts.path == ":memory:":
            return None
        text = unquote(parts.path)
    return None if text in {"", ":memory:"} else Path(text)


def _is_scratch(path: Path) -> bool:
    """Files in the temporary folder, and the measurements of coverage.py, are nobody's data."""
    resolved = path.resolve()
    temporary = Path(tempfile.gettempdir()).resolve()
    return path.name.startswith(".coverage") or (
        resolved.is_relative_to(temporary) and not resolved.is_relative_to(PROJECT_DIR)
    )
