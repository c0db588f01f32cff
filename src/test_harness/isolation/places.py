"""Where engines lead: an application's first database, and those that it has beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from sqlalchemy.engine.interfaces import Dialect

from test_harness.databases.database import Database, engine_of
from test_harness.errors import DatabaseLockedError
from test_harness.isolation.leads import led_to
from test_harness.isolation.roles import is_of_the_tests
from test_harness.lock.addresses import database_name, shown_address
from test_harness.lock.callers import caller


class Key(NamedTuple):
    """What tells the databases of an application apart.

    `name` is what the application calls it, empty for its first one.
    """

    engine: str
    name: str = ""


MakeDatabase = Callable[[Key], Database]


class Others(Protocol):
    """The databases that an application has beside its first one, as they become known."""

    @property
    def kinds(self) -> set[str]:
        """Their engines, where those are not the first one's."""

    def name_of(self, dialect: Dialect, asked: Callable[[], str]) -> str:
        """Return the name of the database that an engine is for, empty for the first one."""

    def key(self, name: str) -> Key:
        """Return the key of the database of a name."""

    def test_database(self, key: Key) -> Database:
        """Return the test database of a key, not yet created."""

    def empty(self, key: Key) -> Database:
        """Return an empty database to stand in for that of a key, not yet created."""


class Places:
    """Tells where an engine leads at the moment.

    Args:
        databases: The test databases that are known to be needed, one for a kind of database.
        others: What the application has beside them.
    """

    def __init__(self, databases: Sequence[Database], others: Others | None) -> None:
        self._databases = {Key(database.engine): database for database in databases}
        self._main = databases[0]
        self._others = others
        # The databases that engines reach with connections of their own, and real commits.
        self._real: dict[Key, Database] = {}
        # Within a block for one database: its name, and what makes those of other names.
        self._alone: tuple[str, MakeDatabase] | None = None

    @property
    def kinds(self) -> set[str]:
        """The engines of all databases that there are, or may be."""
        others = self._others.kinds if self._others else set()
        return {key.engine for key in self._databases} | others

    def is_real(self, database: Database) -> bool:
        """Tell whether engines for a first database get connections of their own."""
        return Key(database.engine) in self._real

    def database(self, name: str) -> Database:
        """Return the test database of a name."""
        assert self._others is not None
        key = self._others.key(name)
        if key not in self._databases:
            self._databases[key] = self._others.test_database(key)
        return self._databases[key]

    def find(
        self, dialect: Dialect, cargs: Sequence[Any], cparams: Mapping[str, Any]
    ) -> tuple[Database, bool]:
        """Return where an engine is to lead, and whether to a connection of its own.

        Args:
            dialect: The engine's.
            cargs: What it gives the driver by position.
            cparams: What it gives the driver by name.

        Raises:
            DatabaseLockedError: It is of a kind that the application is not tested on.
        """
        __tracebackhide__ = True  # pytest would show the arguments, and the password among them
        of_the_harness = led_to(dialect)
        if of_the_harness is not None:
            return of_the_harness, True
        engine, name = engine_of(dialect.name), ""
        if self._others is not None:
            name = self._others.name_of(dialect, lambda: database_name(cargs, cparams))
            if name and self._others.key(name).engine != engine:
                raise self._refusal(dialect, cargs, cparams)
        key = Key(engine, name)
        if key not in self._real:
            if self._alone is not None and self._alone[0] != name:
                self._real[key] = self._alone[1](key)
            elif name:
                self.database(name)
        found = self._real.get(key) or self._databases.get(key)
        if found is None:
            raise self._refusal(dialect, cargs, cparams)
        return found, key in self._real

    def role(self, database: Database, dialect: Dialect, *, is_real: bool) -> str:
        """Return the role that a new connection has; empty for that of the tests.

        Args:
            database: Where it leads.
            dialect: That of the engine.
            is_real: Whether it is the engine's own. One that all engines share is the
                application's, and who sends something there is told to it each time.
        """
        # While the application is imported and starts it makes tables, and what binds it there.
        is_starting = self._alone is None and bool(self._real)
        of_tests = is_real and (is_starting or is_of_the_tests(dialect))
        return "" if of_tests else database.policies.role

    def _refusal(
        self, dialect: Dialect, cargs: Sequence[Any], cparams: Mapping[str, Any]
    ) -> DatabaseLockedError:
        return DatabaseLockedError(
            f"{caller()} tried to reach a {dialect.name} database "
            f"({asked_address(dialect, cargs, cparams)}), which is not the test database "
            f"({self._main.shown}).",
            "Point it at the test database's engine in test.env, or override it in the test.",
        )

    @contextmanager
    def real(
        self,
        database: Database | None,
        name: str,
        beside: MakeDatabase | None,
        connect_anew: Callable[[], None],
        *,
        whole: bool,
    ) -> Iterator[None]:
        """Within the block engines lead elsewhere, as `Seam.real_connections` says.

        Args:
            connect_anew: Called when the block begins and ends.
        """
        before = self._real, self._alone
        made: list[Database] = []

        def make(key: Key) -> Database:
            assert self._others is not None
            made.append((beside or self._others.empty)(key))
            return made[-1]

        if database is None:
            self._real, self._alone = self._databases, None
        else:
            names = {name, ""} if whole else {name}
            self._real = {Key(database.engine, one): database for one in names}
            self._alone = name, make
        connect_anew()
        try:
            yield
        finally:
            self._real, self._alone = before
            connect_anew()
            for other in made:
                other.drop()


def asked_address(dialect: Dialect, cargs: Sequence[Any], cparams: Mapping[str, Any]) -> str:
    """Return the target of a connection attempt as text, without its password."""
    # Elsewhere a positional argument is a connection string, which may hold a password.
    file = {"database": cargs[0]} if dialect.name == "sqlite" and cargs else {}
    return shown_address(dialect.name, {**cparams, **file})
