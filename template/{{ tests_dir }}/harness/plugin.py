"""What the harness adds to pytest: markers, options, the header, the rollback after each test."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

import pytest

from harness.environment import load_environment
from harness.errors import HarnessError
from harness.runtime import runtime
from harness.seeding import new_seed, seed_everything
from harness.settings import TESTS_DIR, settings

MARKERS = [
    "unit: needs nothing but the code",
    "integration: needs the database",
    "api: speaks to the application over HTTP",
    "migration: runs the migrations",
    "security: tries to get in without the right",
    "performance: measures; not part of the default run",
    "slow: takes more than a second",
    "real_commits: gets a database of its own, with real connections and real commits",
    "xdist_group(name): keeps tests on one worker of pytest-xdist",
]

# Tests in folders of these names get the marker of that name.
MARKED_FOLDERS = {"unit", "integration", "api"}


def _fixture_modules() -> list[str]:
    application = settings().application
    modules = [f"harness.fixtures.database_{application.mode}", "harness.fixtures.queries"]
    if application.framework != "none":
        modules.append(f"harness.fixtures.client_{application.mode}")
    if settings().auth.style != "none":
        modules.append(f"harness.fixtures.login_{application.mode}")
    return modules


try:
    load_environment()
    pytest_plugins = _fixture_modules()
except HarnessError as error:
    raise pytest.UsageError(str(error)) from None

Result = TypeVar("Result")

_seed = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--seed",
        type=int,
        help="replay a run with the random values it had (its header names the seed)",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    given = config.getoption("--seed")
    config.stash[_seed] = new_seed() if given is None else given
    try:
        harness = runtime()
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    harness.start()
    config.add_cleanup(harness.stop)


def pytest_report_header(config: pytest.Config) -> list[str]:
    application, database = settings().application, settings().database
    schema = database.migrations or "create_all"
    return [
        f"test harness: {application.framework} {application.mode}, "
        f"{database.engine} through {database.driver}, schema from {schema}",
        f"test database: {runtime().database.shown}",
        f"seed: {config.stash[_seed]} (replay with --seed={config.stash[_seed]})",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(TESTS_DIR):
            for folder in MARKED_FOLDERS.intersection(item.path.relative_to(TESTS_DIR).parts[:-1]):
                item.add_marker(folder)
        if item.get_closest_marker("real_commits") and isinstance(item, pytest.Function):
            # After what all tests share, before anything that is made for this test.
            shared = [name for name in item.fixturenames if _is_shared(item, name)]
            item.fixturenames[:] = [
                *shared,
                "own_database",
                *(name for name in item.fixturenames if name not in shared),
            ]


def _is_shared(item: pytest.Function, fixture: str) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs.get(fixture) or ()
    return any(definition.scope != "function" for definition in definitions[-1:])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    seed_everything(item.config.stash[_seed], item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    # Before the fixtures are torn down, so that closing a session has nothing left to do; and
    # after them, for fixtures that write while they clean up.
    runtime().seam.roll_back()
    result = yield
    runtime().seam.roll_back()
    return result


@pytest.fixture(scope="session")
def database() -> None:
    """The test database with its schema; everything that connects asks for it."""
    or_end_the_run(runtime().ensure_database)


@pytest.fixture(scope="session")
def app(database: None) -> Any:
    """The application."""
    return or_end_the_run(runtime().application)


def or_end_the_run(step: Callable[[], Result]) -> Result:
    """Return what `step` returns; if it fails, end with one message, not a traceback per test."""
    try:
        return step()
    except HarnessError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
