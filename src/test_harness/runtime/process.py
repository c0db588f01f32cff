"""The harness of one test process: its test database, its seam and its lock."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import make_url

from test_harness.application.loading import application
from test_harness.databases.database import Database, Template, given_address, make_database
from test_harness.databases.naming import RunName
from test_harness.errors import CleanUpError, HistoryError, NoConnectionError
from test_harness.isolation.drivers.real import running_loop
from test_harness.isolation.places import Key
from test_harness.isolation.seam import Seam
from test_harness.limits.clock import Limit, NotEnded, clock
from test_harness.lock.connections import Lock
from test_harness.lock.network import Network, hosts
from test_harness.project import project_dir
from test_harness.runtime.canary import create_canary
from test_harness.runtime.others import OtherDatabases, settings_of
from test_harness.runtime.schema import (
    build_schema,
    has_no_models_yet,
    is_in_the_making,
    schema_key,
    sync_engine,
)
from test_harness.runtime.spare import Spare
from test_harness.settings import Settings, settings


class Runtime:
    """Creates the database and its schema when they are first needed, and removes them at the end.

    Args:
        configuration: The settings of the project.
    """

    def __init__(self, configuration: Settings) -> None:
        self.settings = configuration
        self.name = RunName.of_this_process(configuration.application.project)
        self._process, self._is_stopped = os.getpid(), False
        self.others = OtherDatabases(self.name, self._template)
        self._plans = self.others.plans
        self.database = self._planned(make_database(configuration.database, self.name))
        first = [self.database]
        if configuration.database.unit_engine:
            unit = configuration.database.of_unit_tests()
            first.append(self._planned(make_database(unit, self.name, "unit", local=True)))
        self.seam = Seam(first, self._prepare, self._renew, self.others)
        self.lock = Lock(
            project_dir(),
            lambda: f"directly; the test database is {self.database.shown}",
            "Go through SQLAlchemy, which the harness leads to the test database, or replace the "
            "call in the test.",
            self.name.database(),
        )
        allowed = {*configuration.application.allowed_hosts.split()}
        given = given_address()
        self.network = Network(allowed.union(hosts(make_url(given)) if given else ()))
        self._spare = Spare(
            lambda: make_database(configuration.database, self.name, "spare"),
            self._copy,
            self._plans[self.database],
        )
        self._ready: set[Database] = set()
        self._without_schema: set[Database] = set()
        self.broken_history: HistoryError | None = None
        """Why the tables are the models', and not the migrations'."""

    def start(self) -> None:
        """Take hold of every engine and driver of the process."""
        self.seam.install()
        self.lock.install()
        self.network.install(self.lock)

    def stop(self) -> None:
        """Remove the databases; the lock stays on, for what the process does at its end.

        Each of these steps is taken, whatever became of those before it, and what could not be
        removed is told. What is the run's, a child made by fork leaves alone.
        """
        if os.getpid() != self._process or self._is_stopped:
            return
        self._is_stopped = True
        self._remove("What engines of the run have open", self.seam.uninstall)
        self._remove("The database of tests that commit", self._spare.drop)
        for database in self._ready:
            self._remove(f"The test database {database.shown}", database.drop)

    def _remove(self, shown: str, remove: Callable[[], None]) -> None:
        # Each has a limit of its own: who holds a connection for ever keeps no database there.
        limit = Limit(
            f"The removal of the test databases ({shown[0].lower()}{shown[1:]})",
            clock.seconds.start,
            "See who holds them on the server; the next run removes what is left there.",
        )
        try:
            with clock.within(limit):
                remove()
        except NotEnded as error:
            print(error, file=sys.stderr)
        except Exception as error:  # noqa: BLE001 - it is told, and what is left is removed
            print(CleanUpError(shown, error), file=sys.stderr)

    @property
    def has_database(self) -> bool:
        """Whether the test database has been created."""
        return self.database in self._ready

    def ensure_database(self) -> None:
        """Create the test database with its schema, once.

        Raises:
            ApplicationError: The application cannot be imported.
            ProvisioningError: It cannot be done.
        """
        # First, because it may connect while it is imported, and then needs the database.
        self.application()
        self._prepare(self.database)

    @contextmanager
    def own_database(self, *, empty: bool = False) -> Iterator[None]:
        """Within the block every engine works on a new copy of the migrated database, for real.

        Args:
            empty: Whether it has no schema yet.
        """
        if not empty:
            with (
                self._spare.lent() as database,
                self.seam.real_connections(database, beside=self.others.copy),
            ):
                yield
            return
        database = make_database(self.settings.database, self.name, "own")
        try:
            database.create()
            with self.seam.real_connections(database, beside=self.others.empty):
                yield
        finally:
            database.drop()

    def check_alive(self, test: str) -> None:
        """See whether the test database can still be reached.

        Args:
            test: The test that lost its connection.

        Raises:
            NoConnectionError: It cannot.
        """
        try:
            with self.seam.real_connections(), sync_engine(self.database) as engine:
                engine.connect().close()
        except NoConnectionError as error:
            raise NoConnectionError(
                f"After {test} the harness", self.database.shown, error.reason
            ) from None

    def application(self) -> Any:
        """Return the application; what it writes while it is made is there for every test.

        Raises:
            ApplicationError: It cannot be imported, or is no application.
        """
        with self.seam.real_connections():
            return application()

    @contextmanager
    def starting_up(self) -> Iterator[None]:
        """Within the block the application starts: what it writes is there for every test."""
        with self.seam.real_connections():
            yield
        # It may have made tables, and what binds it there.
        if self.has_database:
            outside_of_event_loop(lambda: self._bind(self.database))

    def _bind(self, database: Database) -> None:
        database.bind(self.settings.database.role)

    def _template(self, key: Key) -> Template:
        """Return what a database with the newest schema is copied from."""
        return self._template_of(key, self.broken_history is not None)

    @cache  # noqa: B019 - one runtime lives as long as the process
    def _template_of(self, key: Key, of_models: bool) -> Template:
        settings = settings_of(key.name, key.engine)
        if of_models:
            settings = replace(settings, migrations="")

        def build(database: Database) -> None:
            build_schema(self.seam, database, settings, key.name, of_models=of_models)
            create_canary(self.seam, database)

        return Template(schema_key(settings, key.name), build, key.name)

    def _planned(self, database: Database) -> Database:
        self._plans[database] = lambda: self._template(Key(database.engine))
        return database

    def _prepare(self, database: Database) -> None:
        if database in self._without_schema and not is_in_the_making(self.settings.database):
            # What has connected before holds the database, which gets its schema where it is.
            self._without_schema.discard(database)
            outside_of_event_loop(lambda: self._fill(database))
        if database in self._plans and database not in self._ready:
            self._ready.add(database)
            if has_no_models_yet(self.settings.database):
                self._without_schema.add(database)
            limit = Limit(
                f"The schema of the test database {database.shown}",
                clock.seconds.prepare,
                "Mend the migration or the model it waits for, or raise [limits] prepare in "
                "harness.toml.",
                ends_run=True,
            )
            with clock.within(limit):
                is_early = database in self._without_schema
                plan = (lambda: None) if is_early else self._plans[database]
                outside_of_event_loop(lambda: self._create(database, plan))

    def _copy(self, database: Database) -> Template | None:
        plan = self._plans[self.database]
        outside_of_event_loop(lambda: self._create(database, plan))
        return plan()

    def _fill(self, database: Database) -> None:
        template = self._plans[database]()
        assert template is not None
        template.build(database)
        self._bind(database)

    def _create(self, database: Database, plan: Callable[[], Template | None]) -> None:
        self._create_as(database, plan)
        if plan() is not None:
            self._bind(database)

    def _create_as(self, database: Database, plan: Callable[[], Template | None]) -> None:
        try:
            database.create(plan())
        except HistoryError as error:
            if self.broken_history is not None:
                raise
            # What is wrong with a history is for the checks of it; all others can go on.
            self.broken_history = error
            database.drop()
            database.create(plan())

    def _renew(self, database: Database) -> None:
        """Have the database made anew when it is asked for next."""
        database.drop()
        self._ready.discard(database)


def outside_of_event_loop(function: Callable[[], None]) -> None:
    """Call the function, in a thread of its own when an event loop runs: `env.py` may start one."""
    if running_loop() is None:
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
