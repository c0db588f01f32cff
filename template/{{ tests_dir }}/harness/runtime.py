"""The harness of one test process: its test database, its seam and its lock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from harness.application import import_object
from harness.canary import create_canary
from harness.databases import Database, Template, make_database
from harness.errors import ApplicationError
from harness.lock import Lock
from harness.naming import RunName
from harness.schema import build_schema, in_project_folder, schema_key
from harness.seam import Seam
from harness.settings import Settings, settings


class Runtime:
    """Creates the database and its schema when they are first needed, and removes them at the end.

    Args:
        configuration: The settings of the project.
    """

    def __init__(self, configuration: Settings) -> None:
        self.settings = configuration
        self.name = RunName.of_this_process(configuration.application.project)
        self.database: Database = make_database(configuration.database, self.name)
        self.seam = Seam(self.database, self._prepare)
        self.lock = Lock(lambda: self.database.shown)
        self._ready = False

    def start(self) -> None:
        """Take hold of every engine and driver of the process."""
        self.lock.install()
        self.seam.install()

    def stop(self) -> None:
        """Let go of the process and remove the database."""
        self.seam.uninstall()
        self.database.drop()
        self.lock.uninstall()

    def ensure_database(self) -> None:
        """Create the test database with its schema, once.

        Raises:
            ProvisioningError: It cannot be done.
        """
        if not self._ready:
            self._ready = True
            outside_of_event_loop(lambda: self.database.create(self.template()))

    @contextmanager
    def own_database(self) -> Iterator[None]:
        """Within the block every engine works on a new copy of the migrated database, for real."""
        database = make_database(self.settings.database, self.name, "own")
        database.create(self.template())
        try:
            with self.seam.real_connections(database):
                yield
        finally:
            database.drop()

    @cache  # noqa: B019 - one runtime lives as long as the process
    def template(self) -> Template:
        """Return what a database with the newest schema is copied from."""
        return Template(schema_key(self.settings.database), self._build)

    @cache  # noqa: B019 - one runtime lives as long as the process
    def application(self) -> Any:
        """Import the application, or call its factory; what that writes is there for every test.

        Raises:
            ApplicationError: It cannot be imported, or is no application.
        """
        with self.seam.real_connections(), in_project_folder():
            path = self.settings.application.import_path
            found = import_object(path)
        if not callable(found):
            raise ApplicationError(
                f"{path} is a {type(found).__name__}, not an application.",
                "Correct [application] import_path in harness.toml.",
            )
        return found

    def _build(self, database: Database) -> None:
        build_schema(self.seam, database, self.settings.database)
        create_canary(self.seam, database)

    def _prepare(self) -> None:
        if self.seam.database is self.database:
            self.ensure_database()


def outside_of_event_loop(function: Callable[[], None]) -> None:
    """Call the function, in a thread of its own when an event loop runs: `env.py` may start one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        function()
        return
    failures: list[BaseException] = []

    def call() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=call, name="test-harness-schema")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@cache
def runtime() -> Runtime:
    """Return the harness of this process."""
    return Runtime(settings())
