"""The lock on what does not pass through SQLAlchemy: drivers that are called directly.

Engines are the seam's business (`seam.py`). libpq opens its sockets unseen by Python, so drivers
are guarded at their `connect`; SQLite and what else opens a socket are seen by audit hooks
(https://docs.python.org/3/library/audit_events.html).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url

from harness.callers import caller
from harness.errors import DatabaseLockedError
from harness.settings import PROJECT_DIR

DATABASE_PORTS = {1433, 1521, 3306, 5432}

# Where drivers connect that Python's audit hooks do not see, or see in a thread of the driver's.
DRIVERS = {
    "aiosqlite": ["connect"],
    "asyncpg": ["connect", "connection.connect"],
    "psycopg": ["connect", "Connection.connect", "AsyncConnection.connect"],
    "psycopg2": ["connect"],
}

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
        """Guard the drivers that are installed, before anything can import their functions."""
        for driver, places in DRIVERS.items():
            if importlib.util.find_spec(driver) is None:
                continue
            module = importlib.import_module(driver)
            for place in places:
                *owners, name = place.split(".")
                self._guard(functools.reduce(getattr, owners, module), name, driver)

    def _guard(self, owner: Any, name: str, driver: str) -> None:
        original = vars(owner)[name]
        is_method = isinstance(original, classmethod)
        connect = original.__func__ if is_method else original

        @functools.wraps(connect)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if self._active and not _permitted.get():
                given = args[1:] if is_method else args
                if driver != "aiosqlite":
                    self._refuse(f"the PostgreSQL database {_postgresql_target(given, kwargs)}")
                self._check_file(given[0] if given else kwargs["database"])
            return connect(*args, **kwargs)

        self._originals.append((owner, name, original))
        setattr(owner, name, classmethod(guarded) if is_method else guarded)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        __tracebackhide__ = True
        if not self._active or _permitted.get():
            return
        if name == "sqlite3.connect":
            self._check_file(arguments[0])
        elif name == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in DATABASE_PORTS:
                self._refuse(f"a database server at {address[0]}:{address[1]}")

    def _check_file(self, database: Any) -> None:
        __tracebackhide__ = True
        path = _sqlite_path(database)
        if path is not None and not _is_scratch(path):
            self._refuse(f"the SQLite file {path}")

    def _refuse(self, target: str) -> NoReturn:
        __tracebackhide__ = True
        raise DatabaseLockedError(
            f"{caller()} tried to open {target} directly; the test database is {self._shown()}.",
            "Go through SQLAlchemy, which the harness leads to the test database, or replace the "
            "call in the test.",
        )


def _postgresql_target(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return where a driver was to connect, without the password."""
    given = {key: str(value) for key, value in kwargs.items()}
    dsn = str(args[0]) if args else given.get("dsn", given.get("conninfo", ""))
    if "://" in dsn:
        url = make_url(dsn)
    else:
        url = URL.create("postgresql")
        given = {**dict(part.split("=", 1) for part in shlex.split(dsn) if "=" in part), **given}
    return shown_address(url.drivername, {**url.translate_connect_args(username="user"), **given})


def shown_address(drivername: str, parts: Mapping[str, Any]) -> str:
    """Return an address made of a driver's arguments, without its password.

    Args:
        drivername: What it begins with.
        parts: Arguments by the names that drivers give them; others are passed over.
    """
    port = str(parts.get("port", ""))
    return URL.create(
        drivername,
        username=parts.get("user") or parts.get("username"),
        host=parts.get("host"),
        port=int(port) if port.isdigit() else None,
        database=parts.get("dbname") or parts.get("database") or parts.get("db"),
    ).render_as_string()


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
