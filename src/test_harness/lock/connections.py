"""The lock on what does not pass through SQLAlchemy: drivers that are called directly.

Engines are the seam's business (`seam.py`). libpq opens its sockets unseen by Python, so drivers
are guarded where they connect; SQLite, programs and sockets are seen by audit hooks
(https://docs.python.org/3/library/audit_events.html), and a driver that nobody knows by what it
says first (`greetings.py`).

A Python that a test starts is held as well (`children.py`), for which this imports nothing but the
standard library. `docs/lock.md` has what is refused, and what cannot be.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from test_harness.errors import DatabaseLockedError
from test_harness.lock import programs
from test_harness.lock.addresses import (
    mysql_target,
    postgresql_target,
    shown_address,
    sqlite_path,
)
from test_harness.lock.callers import caller, is_called_by_the_project
from test_harness.lock.children import (
    HOLDS_SUBPROCESSES,
    LET_GO,
    starts_held,
    subprocesses_held,
)
from test_harness.lock.drivers import (
    DRIVERS,
    OF_FILES,
    OF_MYSQL,
    OF_POSTGRESQL,
    WITH_AUTHORIZER,
)
from test_harness.lock.sockets import Sockets

LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname"}
# Of each way to start a program, which of its arguments is the command, and which the environment.
STARTS = {
    "subprocess.Popen": (1, 3),
    "os.system": (0, None),
    "os.exec": (1, 2),
    "os.posix_spawn": (1, 2),
}
# Not of Python's own: a service is spoken to, whoever does it.
SERVICE = "test_harness.service"
BINDS, SYMBOL = "socket.bind", "ctypes.dlsym"
EVENTS = {
    *("sqlite3.connect", "socket.connect", "socket.sendto", "socket.sendmsg", BINDS, SYMBOL),
    *LOOKUPS,
    *STARTS,
}
# What C libraries open a database with.
SYMBOLS = ("sqlite3_open", "mysql_real_connect", "PQconnect")
DATABASE_PORTS = {1433, 1521, 3306, 5432}
SOCKETS = (".s.PGSQL.", "mysql")

# What libpq prefers to the host of an address, or takes more from: whatever address is given to it,
# it would connect to another server.
LEAD_ELSEWHERE = {"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"}

# Of SQLite's authorizer: https://www.sqlite.org/c3ref/c_alter_table.html
SQLITE_OK, SQLITE_DENY, SQLITE_ATTACH = 0, 1, 24

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
        own: What the names of the databases of this run begin with.
    """

    def __init__(self, project: Path, where: Callable[[], str], fix: str, own: str = "") -> None:
        self._project = project
        self._own = own
        self._where = where
        self._fix = fix
        self._active = False
        self._undo = ExitStack()
        self.refused: DatabaseLockedError | None = None
        """The last refusal that SQLite could only report as "not authorized"."""
        self.network: Callable[[str, tuple[Any, ...]], None] | None = None
        """Asked about what Python does with the network (`network.py`)."""
        self.sockets = Sockets(self._sees, self._greets)

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
        self._undo.enter_context(starts_held(self._sees))
        self._undo.enter_context(self.sockets.read())
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
        if event not in EVENTS or not self._sees():
            return
        if event == "sqlite3.connect":
            self._check_file(arguments[0])
            return
        if event in STARTS:
            command, environment = STARTS[event]
            given = None if environment is None else arguments[environment]
            self._check_program(arguments[command], given, shell=event == "os.system")
            return
        if event == SYMBOL:
            self._check_symbol(arguments[1])
            return
        if event == BINDS:
            self.sockets.bound(arguments[0])
            return
        if event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in DATABASE_PORTS:
                self._refuse(f"a database server at {address[0]}:{address[1]}")
            if isinstance(address, str) and any(name in Path(address).name for name in SOCKETS):
                self._refuse(f"a database server at {address}")
        if self.network is not None:
            self.network(event, arguments)

    def _sees(self) -> bool:
        return self._active and not _permitted.get()

    def _check_program(self, command: Any, given: Any, *, shell: bool) -> None:
        """Refuse a client of a database that is not of this run, or of a service."""
        __tracebackhide__ = True
        environment = os.environ if given is None else given
        if environment.get(HOLDS_SUBPROCESSES) == LET_GO:
            return
        for client in programs.clients(command, shell=shell):
            if client.what in programs.SERVICES:
                self._asks_network(client.what, (client.where or "127.0.0.1", None))
            elif client.what == programs.SQLITE:
                if client.where:
                    self._check_file(client.where)
            elif not programs.names(client, environment, self._own):
                self._refuse(f"{client.what} by {client.program}")

    def _check_symbol(self, name: Any) -> None:
        __tracebackhide__ = True
        if isinstance(name, str) and name.startswith(SYMBOLS) and is_called_by_the_project():
            self._refuse(f"a database by ctypes ({name})")

    def _greets(self, what: str, address: Any, *, is_database: bool) -> None:
        """Hear of a server that is greeted by whatever library."""
        __tracebackhide__ = True
        shown = ":".join(map(str, address[:2])) if isinstance(address, tuple) else address
        if is_database:
            self._refuse(f"a {what} server at {shown}")
        if isinstance(address, tuple):
            self._asks_network(what, address)

    def _asks_network(self, what: str, address: tuple[Any, ...]) -> None:
        __tracebackhide__ = True
        if self.network is not None:
            self.network(SERVICE, (what, address))

    def _authorize(self, action: int, file: str | None, *rest: Any) -> int:
        """See what SQLite is about to do; ATTACH and VACUUM INTO open a file."""
        if action == SQLITE_ATTACH and self._sees():
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
        if isinstance(original, type):
            return type(original.__name__, (original,), {"__init__": self._guarded_init(original)})
        is_method = isinstance(original, classmethod)
        connect = original.__func__ if is_method else original

        @functools.wraps(connect)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if self._sees():
                self._check_arguments(driver, args[1:] if is_method else args, kwargs)
            made = connect(*args, **kwargs)
            # coverage.py attaches its files to one another, by a parameter.
            if driver in WITH_AUTHORIZER and not _is_measurement(_database(args, kwargs)):
                made.set_authorizer(self._authorize)
            return made

        return classmethod(guarded) if is_method else guarded

    def _guarded_init(self, original: Any) -> Callable[..., None]:
        """Return what a connection of apsw is made by, which is a class."""

        @functools.wraps(original.__init__)
        def guarded(made: Any, *args: Any, **kwargs: Any) -> None:
            __tracebackhide__ = True
            if self._sees():
                self._check_file(_database(args, kwargs))
            original.__init__(made, *args, **kwargs)
            made.set_authorizer(self._authorize)

        return guarded

    def _check_arguments(self, driver: str, args: tuple[Any, ...], kwargs: Any) -> None:
        __tracebackhide__ = True
        if driver in OF_FILES:
            self._check_file(_database(args, kwargs))
        elif driver in OF_POSTGRESQL:
            self._refuse(f"the PostgreSQL database {postgresql_target(args, kwargs)}")
        elif driver in OF_MYSQL:
            self._refuse(f"the MySQL database {mysql_target(args or (None,), kwargs)}")
        elif driver != "sqlite3":
            self._refuse(f"the database {shown_address(driver, kwargs)}")

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
            f"if it may reach what it names, start it with {HOLDS_SUBPROCESSES}={LET_GO} in its "
            "environment.",
        )

    def _note(self, refusal: DatabaseLockedError) -> None:
        print(refusal, file=sys.stderr)


def _database(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs.get("database", kwargs.get("filename", ":memory:"))


def _is_measurement(database: Any) -> bool:
    path = sqlite_path(database)
    return path is not None and path.name.startswith(".coverage")
