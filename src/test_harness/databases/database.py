"""Test databases: one module per engine, each with a class of the same small interface."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from test_harness.databases.naming import RunName, digest
from test_harness.errors import SettingsError
from test_harness.settings import DatabaseSettings

# What discovery writes for a database that nothing may reach.
_PLACEHOLDER = re.compile(r"[@/]production\.(invalid|sqlite3)\b")


@dataclass(frozen=True)
class Template:
    """A database with the newest schema, from which others are copied.

    Args:
        key: A digest of all that the schema comes from.
        build: Brings an empty database to that schema.
        name: Which database of the application it is of; empty for the first.
    """

    key: str
    build: Callable[[Database], None]
    name: str = ""

    @property
    def run(self) -> str:
        """What stands for a run in the names of its copies: each database keeps its own newest."""
        return f"t{digest(self.name)[:6]}" if self.name else "template"


# Of the role that the application's connections are: one of the harness's own, where there is need.
AUTO = "auto"


@dataclass(frozen=True)
class Policies:
    """What row-level security of a database does not bind the tests' own role to.

    Args:
        tests: The role that the tests connect as.
        tables: Those with policies that do not bind it.
        role: What the connections of the application are instead, one that they do bind; empty
            where there is none.
    """

    tests: str = ""
    tables: tuple[str, ...] = ()
    role: str = ""


class Baseline(Protocol):
    """What a database held when it was copied."""

    def restore(self) -> bool:
        """Put back what the database held, and end whoever still works on it.

        Returns:
            Whether it holds that again; otherwise it is to be dropped.
        """

    def close(self) -> None:
        """Let go of the database."""


class Database(Protocol):
    """A database made by the harness, for this run and this worker alone."""

    engine: str
    on_connect: tuple[str, ...]
    """Statements that set up the connection that tests share."""
    when_opened: tuple[str, ...]
    """Statements for each connection, which limit how long it waits; the last tells its number."""
    policies: Policies
    """Whom row-level security binds, as `bind` found it."""

    @property
    def shown(self) -> str:
        """The address as people may see it, without its password."""

    def create(self, template: Template | None = None) -> None:
        """Create the database, empty or as a copy of a template, which is built if need be.

        Raises:
            ProvisioningError: It cannot be created; the message says what to do.
        """

    def drop(self) -> None:
        """Remove the database, which must carry the harness's mark."""

    def blockers(self, sessions: Mapping[int, Any]) -> dict[int, str]:
        """Return which connections have a transaction open, with its last statement, if known.

        Args:
            sessions: The drivers' connections by the numbers that the server calls them by.
        """

    def functions(self) -> frozenset[str]:
        """Return the names, in small letters, of functions and views that may write when read."""

    def clocked_tables(self) -> frozenset[str]:
        """Return the names, in small letters, of tables whose rows get a transaction's time.

        Only PostgreSQL has one: elsewhere the time is that of the statement.
        """

    def bind(self, role: str) -> None:
        """Have a role for the application that policies bind, where the schema has any.

        Args:
            role: What the settings say of it.
        """

    def url(self, drivername: str) -> URL:
        """Return the address for one of the engine's drivers, such as `postgresql+asyncpg`."""


class KeptDatabase(Database, Protocol):
    """A database that several tests may use, one after another."""

    def baseline(self) -> Baseline | None:
        """Remember what the database holds, a copy that nobody has worked on yet.

        Returns:
            What puts that back, None where the server does not let the tests do so.
        """


def make_database(
    settings: DatabaseSettings, name: RunName, purpose: str = "", *, local: bool = False
) -> KeptDatabase:
    """Return a database of this run, not yet created.

    Args:
        settings: Which engine it is for.
        name: The run and the worker it is for.
        purpose: Tells it from the run's test database; empty for that one.
        local: Whether `TEST_DATABASE_URL` is about another database than this one.

    Raises:
        SettingsError: `TEST_DATABASE_URL` does not fit the engine of the suite.
    """
    module = importlib.import_module(f"test_harness.databases.{engine_of(settings.engine)}")
    make: Callable[[RunName, URL | None, str], KeptDatabase] = module.make
    return make(name, None if local else _given_url(settings.engine), purpose)


def engine_of(dialect_name: str) -> str:
    """Return the engine that a dialect is for: MariaDB is reached through either of two."""
    return "mysql" if dialect_name == "mariadb" else dialect_name


def given_address() -> str:
    """Return what `TEST_DATABASE_URL` says of the server of the tests; empty where nothing is said.

    An application may have a variable of that name as well: what stands in `test.env` for the
    database that it leads to, leads nowhere.
    """
    text = os.environ.get("TEST_DATABASE_URL", "")
    return "" if _PLACEHOLDER.search(text) else text


def _given_url(engine: str) -> URL | None:
    text = given_address()
    if not text:
        return None
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # a port that is no number
        raise SettingsError(
            "TEST_DATABASE_URL is not a database address.",
            f"Write it as {engine}://user:password@host/name, or unset it.",
        ) from None
    if engine_of(url.get_backend_name()) != engine_of(engine):
        raise SettingsError(
            f"TEST_DATABASE_URL is for {url.get_backend_name()}, but this suite is for {engine}.",
            f"Write it as {engine}://user:password@host/name, or unset it.",
        )
    return url
