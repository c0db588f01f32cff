"""What databases on a server have in common, and which servers tests may use.

Those of this machine, unless somebody says otherwise.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.engine import URL

from test_harness.databases.naming import RunName, is_left_over
from test_harness.errors import ProvisioningError, SettingsError
from test_harness.lock.network import hosts, is_local

# Nobody else uses a test database: who waits there waits for another engine of the same run.
LOCK_WAIT_SECONDS = 10
TEMPLATE_WAIT_SECONDS = 600


class ServerDatabase(ABC):
    """A database that is created for this run, marked as the harness's, and dropped after it.

    Args:
        run: What this run is called.
        given: The server that was asked for; None looks for one.
        name: What the database is called.
    """

    def __init__(self, run: RunName, given: URL | None, name: str) -> None:
        self._run = run
        self._name = name
        self._given = given
        self._server: URL | None = None

    @property
    def shown(self) -> str:
        server = self._server or self._given or self._local_server()
        if server is None:
            return f"{self._name} on {self._unknown_server}"
        return shown_url(server.set(database=self._name))

    def drop(self) -> None:
        if self._server is None:
            return
        with self._maintenance() as connection:
            if self._mark(connection, self._name) == self._run.owner():
                self._drop(connection, self._name)
        self._server = None

    def url(self, drivername: str) -> URL:
        assert self._server is not None, "create() comes first"
        return self._server.set(drivername=drivername, database=self._name)

    def _drop_left_overs(self, connection: Any) -> None:
        for name in self._named(connection, RunName(self._run.project, "", "").database()):
            if is_left_over(self._mark(connection, name)):
                self._drop(connection, name)

    _unknown_server: str
    """What a server is called that was not found, or not looked for, yet."""

    @staticmethod
    @abstractmethod
    def _local_server() -> URL | None:
        """Return a server that answers on this machine."""

    @abstractmethod
    def _maintenance(self) -> AbstractContextManager[Any]:
        """Yield a connection for the harness's own work; what the server refuses is explained."""

    @staticmethod
    @abstractmethod
    def _named(connection: Any, prefix: str) -> list[str]:
        """Return the databases that may be the harness's, as their names begin with a prefix."""

    @staticmethod
    @abstractmethod
    def _mark(connection: Any, name: str) -> str | None:
        """Return whose a database is, None when it does not say or is not there."""

    @staticmethod
    @abstractmethod
    def _drop(connection: Any, name: str) -> None:
        """Drop a database, whoever is connected to it."""


def shown_url(url: URL) -> str:
    """Return an address as people may see it, without its password, wherever that stands."""
    secret = [name for name in url.query if "pass" in name.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def port_of(variable: str, usual: int) -> int:
    """Return the port that a variable of the environment names.

    Raises:
        SettingsError: It is no port.
    """
    given = os.environ.get(variable) or str(usual)
    if not given.isdigit():
        raise SettingsError(f"{variable} is {given!r}, which is no port.", "Correct or unset it.")
    return int(given)


def refuse_foreign(url: URL) -> None:
    """See to it that an address does not lead away from this machine by mistake.

    Raises:
        SettingsError: It does, and ALLOW_REMOTE_DB does not say that it shall.
    """
    foreign = [host for host in hosts(url) if not is_local(host)]
    if foreign and os.environ.get("ALLOW_REMOTE_DB") != "1":
        raise SettingsError(
            f"TEST_DATABASE_URL names the server {foreign[0]}, which is not on this machine.",
            "Name a local server or a container, or set ALLOW_REMOTE_DB=1 to let tests use it.",
        )


def refused(server: str, reason: str) -> ProvisioningError:
    """Return the error for a server that was asked for and does not let the tests in."""
    return ProvisioningError(
        f"{server} does not let the tests in: {reason}.",
        _room_or(
            "Start the server (`docker compose -f docker-compose.test.yml up -d --wait`), or "
            "correct TEST_DATABASE_URL.",
            reason,
        ),
    )


def given_up(shown: str, reason: str) -> ProvisioningError:
    """Return the error for a database that the server does not create or drop."""
    return ProvisioningError(
        f"The database {shown} cannot be created or dropped: {reason}.",
        _room_or("Mend what the server complains of, and run the tests again.", reason),
    )


def template_kept(project: str) -> ProvisioningError:
    """Return the error for a template that another run does not let go of."""
    return ProvisioningError(
        f"Another run has kept the template of {project} for {TEMPLATE_WAIT_SECONDS} seconds.",
        "End that run, and start this one again.",
    )


def _room_or(fix: str, reason: str) -> str:
    full = re.search("too many|connection slots|max_user_connections", reason, re.IGNORECASE)
    more = "Let the server, or this user, have more connections, or run fewer workers with -n."
    return more if full else fix


def refuse_unmarked(shown: str) -> None:
    """See to it that a database without the harness's mark is not dropped by mistake.

    Args:
        shown: The database, whose name the harness needs.

    Raises:
        ProvisioningError: ALLOW_DB_DROP does not say that it shall be dropped.
    """
    if os.environ.get("ALLOW_DB_DROP") != "1":
        raise ProvisioningError(
            f"The database {shown} is in the way of the tests, and does not carry the harness's "
            "mark.",
            "Look at what it is and rename it, or set ALLOW_DB_DROP=1 to have it dropped.",
        )
