"""The lock on what does not pass through SQLAlchemy: drivers that are called directly.

Engines are the seam's business (`seam.py`). libpq opens its sockets unseen by Python, so drivers
are guarded where they connect; SQLite and what else opens a socket are seen by audit hooks
(https://docs.python.org/3/library/audit_events.html).

A Python that a test starts is held as well (`subprocesses/sitecustomize.py`), for which this
imports nothing but the standard library. Not held are programs that are no Python (psql, mysql), a
Python that does not look at PYTHONPATH (`-I`, `-E`), is given an environment of its own or is
older than 3.10, and C libraries that connect without one of the drivers named here (ODBC).
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from test_harness.errors import DatabaseLockedError
from test_harness.lock.addresses import mysql_target, postgresql_target, sqlite_path
from test_harness.lock.callers import caller

LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname"}
EVENTS = {"sqlite3.connect", "socket.connect", "socket.sendto", "socket.sendmsg", *LOOKUPS}
DATABASE_PORTS = {1433, 1521, 3306, 5432}
SOCKETS = (".s.PGSQL.", "mysql")

# Where drivers connect: libpq unseen by Python's audit hooks, others in a thread of their own, on
# a port that is not known, or on a socket of the file system. The innermost place that Python sees,
# because a function may have been imported by name before it is guarded.
DRIVERS = {
    "aiosqlite": ["connect"],
    "asyncpg": ["connect_utils._connect"],
    "psycopg": [
        "connect",
        "Connection.connect",
        "AsyncConnection.connect",
        "_connection_base.BaseConnection._connect_gen",
    ],
    "psycopg2": ["_connect"],
    "aiomysql": ["connection.Connection._connect"],
    "asyncmy": ["connection.Connection.connect"],
    "mysql.connector": ["abstracts.MySQLConnectionAbstract.connect"],
    "MySQLdb": ["connections.Connection.__init__"],
    "pymysql": ["connections.Connection.connect"],
    "sqlite3": ["connect", "dbapi2.connect"],
}

# What libpq prefers to the host of an address, or takes more from: whatever address is given to it,
# it would connect to another server.
LEAD_ELSEWHERE = {"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"}

# Of SQLite's authorizer: https://www.sqlite.org/c3ref/c_alter_table.html
SQLITE_OK, SQLITE_DENY, SQLITE_ATTACH = 0, 1, 24

SUBPROCESSES = str(Path(__file__).resolve().parent / "subprocesses")
HOLDS_SUBPROCESSES = "TEST_HARNESS_LOCK"
INHERITED = "test_harness_subprocess"

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
        project: The folder whose files are somebody's data, even below the temporary folder.
        where: What messages say after the target of an attempt.
        fix: What they say to do.
    """

    def __init__(self, project: Path, where: Callable[[], str], fix: str) -> None:
        self._project = project
        self._where = where
        self._fix = fix
        self._active = False
        self._undo = ExitStack()
        self.refused: DatabaseLockedError | None = None
        """The last refusal that SQLite could only report as "not authorized"."""
        self.network: Callable[[str, tuple[Any, ...]], None] | None = None
        """Asked about what Python does with the network (`network.py`)."""

    def install(self) -> None:
        """Refuse from now on."""
        # Workers of pytest-xdist are subprocesses too, and know of a test database.
        inherited = sys.modules.get(INHERITED)
        if inherited is not None:
            inherited.lock.uninstall()
        self._active = True
        for variable in LEAD_ELSEWHERE & os.environ.keys():
            self._undo.callback(os.environ.__setitem__, variable, os.environ.pop(variable))
        self._undo.enter_context(subprocesses_held(self._project))
        sys.addaudithook(self.audit)
        sys.meta_path.insert(0, self)
        self._undo.callback(sys.meta_path.remove, self)
        for driver in DRIVERS:
            if driver in sys.modules:
                self._guard_driver(sys.modules[driver])

    def uninstall(self) -> None:
        """Stop refusing; an audit hook cannot be removed, so it is told to look away."""
        self._active = False
        self._undo.close()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Have a driver that is imported guarded before anybody can take a function from it."""
        if name not in DRIVERS:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if self._active and module.__name__ == name:
                    self._guard_driver(module)

            loader.exec_module = exec_module
        return spec

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See what Python is about to do."""
        __tracebackhide__ = True
        if event not in EVENTS or not self._active or _permitted.get():
            return
        if event == "sqlite3.connect":
            self._check_file(arguments[0])
            return
        if event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in DATABASE_PORTS:
                self._refuse(f"a database server at {address[0]}:{address[1]}")
            if isinstance(address, str) and any(name in Path(address).name for name in SOCKETS):
                self._refuse(f"a database server at {address}")
        if self.network is not None:
            self.network(event, arguments)

    def _authorize(self, action: int, file: str | None, *rest: Any) -> int:
        """See what SQLite is about to do; ATTACH and VACUUM INTO open a file."""
        if action == SQLITE_ATTACH and self._active and not _permitted.get():
            try:
                if file is None:
                    self._refuse("a SQLite file whose name is not written in the statement")
                self._check_file(file)
            except DatabaseLockedError as error:
                self._note(error)
                return SQLITE_DENY
        return SQLITE_OK

    def _note(self, refusal: DatabaseLockedError) -> None:
        self.refused = refusal

    def _guard_driver(self, module: ModuleType) -> None:
        for place in DRIVERS[module.__name__]:
            *owners, name = place.split(".")
            try:
                owner = functools.reduce(getattr, owners, module)
                original = vars(owner)[name]
            except (AttributeError, KeyError):
                continue  # Another version has it elsewhere.
            self._undo.callback(setattr, owner, name, original)
            setattr(owner, name, self._guarded(original, module.__name__))

    def _guarded(self, original: Any, driver: str) -> Any:
        is_method = isinstance(original, classmethod)
        connect = original.__func__ if is_method else original

        @functools.wraps(connect)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if self._active and not _permitted.get():
                given = args[1:] if is_method else args
                if driver == "aiosqlite":
                    self._check_file(_database(given, kwargs))
                elif "pg" in driver:
                    self._refuse(f"the PostgreSQL database {postgresql_target(given, kwargs)}")
                elif "my" in driver.lower():
                    self._refuse(f"the MySQL database {mysql_target(given, kwargs)}")
            made = connect(*args, **kwargs)
            # coverage.py attaches its files to one another, by a parameter.
            if driver == "sqlite3" and not _is_measurement(sqlite_path(_database(args, kwargs))):
                made.set_authorizer(self._authorize)
            return made

        return classmethod(guarded) if is_method else guarded

    def _check_file(self, database: Any) -> None:
        __tracebackhide__ = True
        path = sqlite_path(database)
        if path is not None and not self._is_scratch(path):
            self._refuse(f"the SQLite file {path}")

    def _is_scratch(self, path: Path) -> bool:
        """Files in the temporary folder, and those of coverage.py, are nobody's data."""
        import tempfile

        resolved = path.resolve()
        temporary = Path(tempfile.gettempdir()).resolve()
        return _is_measurement(path) or (
            resolved.is_relative_to(temporary) and not resolved.is_relative_to(self._project)
        )

    def _refuse(self, target: str) -> NoReturn:
        __tracebackhide__ = True
        raise DatabaseLockedError(f"{caller()} tried to open {target} {self._where()}.", self._fix)


class SubprocessLock(Lock):
    """The lock of a process that a test started."""

    def __init__(self) -> None:
        super().__init__(
            Path(os.environ[HOLDS_SUBPROCESSES]),
            lambda: "in a subprocess of the tests",
            "Call it in the test's own process, where SQLAlchemy is led to the test database; or, "
            "if it may reach what it names, start it without "
            f"{HOLDS_SUBPROCESSES} in its environment.",
        )

    def _note(self, refusal: DatabaseLockedError) -> None:
        print(refusal, file=sys.stderr)


@contextmanager
def subprocesses_held(
    project: Path, environ: MutableMapping[str, str] = os.environ
) -> Iterator[None]:
    """Within the block each Python that is started has the lock from its first line on.

    Args:
        project: What the lock there takes for the project's folder.
        environ: What child processes get.
    """
    before = {name: environ.get(name) for name in ("PYTHONPATH", HOLDS_SUBPROCESSES)}
    given = before["PYTHONPATH"]
    others = [path for path in given.split(os.pathsep) if path != SUBPROCESSES] if given else []
    environ["PYTHONPATH"] = os.pathsep.join([SUBPROCESSES, *others])
    environ[HOLDS_SUBPROCESSES] = str(project)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                environ.pop(name, None)
            else:
                environ[name] = value


def _database(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs["database"]


def _is_measurement(path: Path | None) -> bool:
    return path is not None and path.name.startswith(".coverage")
