"""What the harness adds to pytest: markers, options, the header, the rollback after each test."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from test_harness.application import own_packages
from test_harness.errors import (
    ApplicationError,
    ConnectionLostError,
    HarnessError,
    IsolationError,
    IsolationWarning,
    NoConnectionError,
    ProvisioningError,
    first_line,
)
from test_harness.limits.clock import Limit, NotEnded, clock
from test_harness.lock import services
from test_harness.lock.callers import HARNESS, raised_at, traceback_of
from test_harness.project import OBSERVED_FILE, project_dir, suite_dir
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.settings.observed import read_observed
from test_harness.shortening import wants_all

MARKERS = [
    "unit: needs nothing but the code",
    "integration: needs the database",
    "api: speaks to the application over HTTP",
    "migration: runs the migrations",
    "security: tries to get in without the right",
    "shared_rows: its tests see what those before them committed; for a class or a module",
    "journey: its tests are steps, in the order they are written in; for a class",
    "performance: measures; not part of the default run",
    "slow: takes more than a second",
    "real_commits: gets a database of its own, with real connections and real commits",
    "fuzz: sends what the schemas of routes allow, made by chance",
    "alembic: one of those that pytest-alembic brings along",
    "concurrency: does the same several times at once; real_commits as well",
    "network(host, ...): may reach these hosts, without any named the whole network",
    "needs(setting, what): is skipped where harness.toml leaves `section.key` empty",
    "xdist_group(name): keeps tests on one worker of pytest-xdist",
]


def _fixture_modules() -> list[str]:
    application = settings().application
    subjects = ["database"]
    always = ["working_folder", "factories", "queries", "network", "clock"]
    kind = "sync" if application.mode == "sync" else "async"
    # The second imports the first, which pytest wants to load itself.
    always += ["shared_rows", "journeys", f"coroutines_{kind}", f"race_{kind}"]
    if application.framework != "none":
        subjects.append("client")
        always.append("protections")
    if settings().auth.style != "none":
        subjects.append("login")
    modes = ["async", "both"] if application.mode == "both" else [application.mode]
    modules = [f"{subject}_{mode}" for subject in subjects for mode in modes]
    if application.framework == "flask":
        modules[modules.index("client_sync")] = "client_wsgi"
    if settings().flows.socket_path and application.framework != "flask":
        modules.append(f"socket_{modes[0]}")
    if settings().flows.socketio_path:
        modules.append(f"socketio_{'wsgi' if application.framework == 'flask' else modes[0]}")
    # The last one, for it imports doubles, which pytest is to rewrite first.
    walk = [f"walk_{kind}"] if application.framework != "none" else []
    return [
        *(f"test_harness.fixtures.{module}" for module in (*always, *modules)),
        *(f"test_harness.doubles.{double}" for double in services.doubles()),
        *(f"test_harness.fixtures.{module}" for module in walk),
    ]


try:
    own_packages.hold()
    from test_harness.application.environment import load_environment
    from test_harness.application.stand_ins import stand_in_for_drivers

    load_environment(suite_dir() / "test.env")
    services.check_packages(services.doubles())

    stand_in_for_drivers(settings().database.engine)
    plugins = ["reports", "collection", "policies", "anew", "time_limits", "watch.order.plugin"]
    if settings().watch.leaks != "off":
        plugins.append("watch.leaks.plugin")
    plugins += ["watch.monitor.plugin", "suite.shards.plugin", "suite.results.plugin"]
    plugins += ["suite.results.annotations", "drift"]
    pytest_plugins = [*(f"test_harness.{name}" for name in plugins), *_fixture_modules()]
except HarnessError as error:
    raise pytest.UsageError(str(error)) from None

Result = TypeVar("Result")

# Set where somebody asks for all there is, because fixtures do not know the configuration.
_shows_all: list[bool] = []
_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--write-factories",
        action="store_true",
        help="write factories for mapped classes that have none, and run nothing",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    _shows_all[:] = [True] if wants_all(config) else []
    if settings().auth.password_hasher:
        config.add_cleanup(_hash_at_low_cost())
    try:
        harness = runtime()
        harness.start()
        # Under the lock, for the next import of one of those names is the application's.
        own_packages.give_back()
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    config.add_cleanup(harness.stop)
    if hasattr(config, "workeroutput"):
        config.pluginmanager.register(WorkerEnd(config))


def _hash_at_low_cost() -> Callable[[], None]:
    passwords = importlib.import_module(
        "test_harness.application.passwords"
    )  # only where somebody logs in
    costs = ExitStack()
    costs.enter_context(passwords.at_low_cost())
    return costs.close


def pytest_report_header(config: pytest.Config) -> list[str]:
    application, database = settings().application, settings().database
    schema = database.migrations or "create_all (no migrations, and none are checked)"
    kept = f"{database.engine} through {database.driver}, schema from {schema}"
    shown = f"test database: {runtime().database.shown}"
    if database.is_none:
        kept, shown = "no database", "test database: none, nothing is isolated"
    observed = read_observed(suite_dir() / OBSERVED_FILE)
    count = sum(not one.reviewed for one in observed)
    said = f"{OBSERVED_FILE}: {len(observed)} settings were observed, {count} are not reviewed"
    return [
        f"test harness: {application.framework} {application.mode}, {kept}",
        shown,
        *([said] if count else []),
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> bool | None:
    if not session.config.getoption("--write-factories"):
        return None
    from test_harness.factories.writer import write_factories

    with clock.within(
        Limit(
            "The writing of factories",
            clock.seconds.prepare,
            "Give what takes long a value in the factory, or raise [limits] prepare in "
            "harness.toml.",
            ends_run=True,
        )
    ):
        or_end_the_run(lambda: write_factories(print))
    return True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--write-factories"):
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: Any) -> None:
    minting = sys.modules.get("test_harness.auth.minting")
    for style, reason in (minting.reasons() if minting else {}).items():
        terminalreporter.write_line(f"test harness: clients log in each time ({style}): {reason}")
    if broken := runtime().broken_history:
        terminalreporter.write_line(
            f"test harness: the tables are made of the models, for not all revisions run: {broken}"
        )


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any],
) -> Generator[None, Any, Any]:
    # What a fixture for several tests writes is there for all of them, until the run ends.
    if fixturedef.scope == "function" or not _is_of_the_project(fixturedef.func):
        return (yield)
    # Finalizers run in reverse, so this is after the fixture's own.
    rows = runtime().seam.rows
    if rows.kept.let_go():
        # Or they would stand below what the fixture writes, and outlive their own tests.
        rows.roll_back()
    fixturedef.addfinalizer(rows.keep)
    sharing = rows.shared_by_choice
    if sharing is not None:
        rows.keep()
    result = yield
    if rows.keep() and sharing is not None and fixturedef.scope in sharing.wider:
        raise IsolationError(
            f"The fixture {fixturedef.argname!r} of scope {fixturedef.scope} wrote in the middle "
            "of tests that share their rows, and loses its own when they are undone.",
            "Have the first of them ask for it: @pytest.mark.usefixtures on the class.",
        )
    return result


def _is_of_the_project(function: Callable[..., Any]) -> bool:
    file = Path(inspect.unwrap(function).__code__.co_filename)
    foreign = "site-packages" in file.parts or file.is_relative_to(HARNESS)
    return file.is_relative_to(project_dir()) and not foreign


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    # Before the fixtures are torn down, so that closing a session has nothing left to do, unless
    # they may roll back to a savepoint of their own; and after them, for those that write.
    failure = None
    try:
        if _is_of_the_suite(item.path):
            runtime().seam.rows.roll_back(probes=item.stash.get(_failed, False))
    except IsolationError as error:
        failure = error
    try:
        result = yield
    finally:
        try:
            runtime().seam.rows.roll_back()
        finally:
            runtime().seam.left_open.give_back(after=item.nodeid)
    if failure is not None:
        raise failure
    return result


@cache
def _is_of_the_suite(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in (suite_dir(), HARNESS))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> pytest.TestReport | None:
    refused, runtime().lock.refused = runtime().lock.refused, None
    if call.excinfo is None:
        return None
    item.stash[_failed] = True
    if refused is not None:
        # SQLite itself says no more than "not authorized".
        refused.__traceback__ = call.excinfo.tb
        call.excinfo = pytest.ExceptionInfo.from_exception(refused)
    error = call.excinfo.value
    if fix := services.offered(services.double_of_error(error)):
        said = f"{raised_at(error) or item.nodeid} reached for a service: {first_line(error)}"
        item.add_report_section(call.when, "a service", f"{said}\n  Fix: {fix}.")
    if isinstance(error, (ConnectionLostError, NoConnectionError)):
        or_end_the_run(lambda: runtime().check_alive(item.nodeid))
    hopeless = isinstance(error, NotEnded) and error.ends_run
    if hopeless or isinstance(error, (ApplicationError, ProvisioningError)):
        end_the_run(error)
    if call.when != "teardown" or not isinstance(error, (HarnessError, IsolationWarning)):
        return None
    report = pytest.TestReport.from_item_and_call(item, call)
    # Where the harness stands when it notices tells nothing.
    report.longrepr = str(error)
    return report


@pytest.fixture(scope="session")
def database() -> None:
    """The test database with its schema; everything that connects asks for it."""
    or_end_the_run(runtime().ensure_database)


@pytest.fixture(scope="session")
def app(database: None) -> Any:
    """The application."""
    return or_end_the_run(runtime().application)


@pytest.fixture
def empty_database() -> Iterator[None]:
    """A database without a schema for this test alone, where commits are real."""
    with runtime().own_database(empty=True):
        yield
        runtime().seam.close_real_connections()


def or_end_the_run(step: Callable[[], Result]) -> Result:
    """Return what `step` returns; if it fails, end with one message, not a traceback per test."""
    try:
        return step()
    except (HarnessError, NotEnded) as error:
        end_the_run(error)


def end_the_run(error: BaseException) -> NoReturn:
    """End this run: there is no sense in another test."""
    said = f"{error}{traceback_of(error)}" if _shows_all else str(error)
    pytest.exit(said, returncode=pytest.ExitCode.INTERNAL_ERROR)


class WorkerEnd:
    """In a worker of pytest-xdist: removes its databases, and tells what ended it."""

    def __init__(self, config: pytest.Config) -> None:
        self._output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        # A worker that has said it is finished is killed ten seconds later, done or not.
        runtime().stop()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._output["test_harness"] = getattr(excinfo.value, "msg", None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    message = getattr(node, "workeroutput", {}).get("test_harness")
    if message:
        pytest.exit(message, returncode=pytest.ExitCode.INTERNAL_ERROR)
