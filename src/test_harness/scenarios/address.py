"""Which database a scenario may be written to, as far as its address tells."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from test_harness.databases.database import Policies, Template, engine_of
from test_harness.errors import HarnessError
from test_harness.lock.network import hosts, is_local
from test_harness.settings import DatabaseSettings

PRODUCTION = re.compile(r"(prod|production|prd)(?![a-z])|(?<![a-z])live(?![a-z])", re.IGNORECASE)


class DevelopmentDatabase:
    """The database that somebody named: where the seam leads engines; never made, never dropped."""

    on_connect: tuple[str, ...] = ()
    when_opened: tuple[str, ...] = ()
    policies = Policies()

    def __init__(self, url: URL) -> None:
        self.engine = engine_of(url.get_backend_name())
        self.hosts = hosts(url)
        self._url = url

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self._url.render_as_string(hide_password=True)

    def create(self, template: Template | None = None) -> None:
        """Do nothing: whose it is has made it."""

    def drop(self) -> None:
        """Do nothing: it is not the harness's to drop."""

    def functions(self) -> frozenset[str]:
        return frozenset()

    def clocked_tables(self) -> frozenset[str]:
        return frozenset()

    def bind(self, role: str) -> None:
        """Do nothing: whose it is has roles of its own."""

    def blockers(self, sessions: Mapping[int, Any]) -> dict[int, str]:
        """Return nothing: how long one waits there is its owner's business."""
        return {}

    def url(self, drivername: str) -> URL:
        """Return the address for one of the engine's drivers."""
        return self._url.set(drivername=drivername)


def development_database(address: str, settings: DatabaseSettings) -> DevelopmentDatabase:
    """Return the database of an address, which nothing has connected to yet.

    Args:
        address: A URL of SQLAlchemy.
        settings: The engine that the suite is for.

    Raises:
        HarnessError: It is no such URL, is for another engine, or looks like one of production.
    """
    example = f"{settings.engine}://{'/dev.db' if settings.engine == 'sqlite' else 'localhost/dev'}"
    how = f"Run `make seed DATABASE_URL={example}`."
    if not address:
        raise HarnessError("No database was named to write to.", how)
    try:
        url = make_url(address)
    except ArgumentError:
        raise HarnessError("DATABASE_URL is not a database address.", how) from None
    if engine_of(url.get_backend_name()) != engine_of(settings.engine):
        raise HarnessError(
            f"DATABASE_URL is for {url.get_backend_name()}, but the application is for "
            f"{settings.engine}.",
            how,
        )
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise HarnessError("DATABASE_URL names no file.", how)
        url = url.set(database=str(Path(url.database).resolve()))
    _refuse_production(url)
    return DevelopmentDatabase(url)


def _refuse_production(url: URL) -> None:
    name = Path(url.database or "").name
    for part in (*hosts(url), name, url.username or ""):
        if PRODUCTION.search(part):
            raise HarnessError(
                f"{part!r} in DATABASE_URL looks like production.",
                "Name a development database; one that is called like that is never written to.",
            )
    foreign = [host for host in hosts(url) if not is_local(host)]
    if foreign and os.environ.get("ALLOW_REMOTE_DB") != "1":
        raise HarnessError(
            f"DATABASE_URL names the server {foreign[0]}, which is not on this machine.",
            "Name a local server or a container, or set ALLOW_REMOTE_DB=1 if it is one for "
            "development.",
        )
