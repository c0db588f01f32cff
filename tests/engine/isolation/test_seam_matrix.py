"""The seam holds on every engine, driver, mode, version of SQLAlchemy and version of Python.

Each cell runs canaries of `tests/canaries` in a rendered project, on a real server: everything is
done twice, and the second time finds nothing of the first.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from extensions.questions.support import DRIVERS
from tests.conftest import folder_for_all
from tests.worlds import ROOT, render, run
from tools.environments import LAYERS, find_interpreter, suite_environment

pytestmark = pytest.mark.runs

CANARIES = ROOT / "tests" / "canaries"

# How many tests each file has. A test that is lost is as bad as one that fails.
TESTS = {
    "test_seam_sync.py": 64,
    "test_seam_async.py": 72,
    "test_layers_sync.py": 10,
    "test_layers_async.py": 8,
    "test_waits_sync.py": 2,
    "test_waits_async.py": 2,
    "test_several_sync.py": 12,
    "test_several_async.py": 12,
    "test_sqlite_sync.py": 28,
    "test_one_connection.py": 2,
    "test_sqlite_async.py": 8,
    "test_postgresql_sync.py": 26,
    "test_postgresql_async.py": 4,
    "test_asyncpg.py": 20,
    "test_psycopg_async.py": 4,
    "test_mysql_sync.py": 60,
    "test_mysql_async.py": 42,
}


@dataclass(frozen=True)
class Suite:
    """A rendered project and what is run in it."""

    engine: str
    driver: str
    mode: str
    own: tuple[str, ...]

    @property
    def files(self) -> list[str]:
        """The files with canaries for it."""
        subjects = ("seam", "layers", "waits", "several")
        return [*(f"test_{subject}_{self.mode}.py" for subject in subjects), *self.own]


SUITES = (
    Suite("sqlite", "pysqlite", "sync", ("test_sqlite_sync.py",)),
    Suite("sqlite", "aiosqlite", "async", ("test_sqlite_async.py", "test_one_connection.py")),
    Suite("postgresql", "psycopg", "sync", ("test_postgresql_sync.py",)),
    Suite("postgresql", "psycopg2", "sync", ("test_postgresql_sync.py",)),
    Suite("postgresql", "asyncpg", "async", ("test_postgresql_async.py", "test_asyncpg.py")),
    Suite(
        "postgresql",
        "psycopg",
        "async",
        ("test_postgresql_async.py", "test_psycopg_async.py", "test_one_connection.py"),
    ),
    Suite("mysql", "pymysql", "sync", ("test_mysql_sync.py",)),
    Suite("mysql", "asyncmy", "async", ("test_mysql_async.py",)),
    Suite("mysql", "aiomysql", "async", ("test_mysql_async.py",)),
)

# On other versions of Python than the newest: what the standard library has a part in, and psycopg,
# which both modes share.
ON_EVERY_PYTHON = [
    suite for suite in SUITES if suite.driver in {"pysqlite", "aiosqlite", "psycopg"}
]


@dataclass(frozen=True)
class Versions:
    """What a suite runs on; SQLAlchemy 2.1 asks for Python 3.11."""

    python: str
    sqlalchemy: str

    def __str__(self) -> str:
        return f"python-{self.python}-sqlalchemy-{self.sqlalchemy}"


NEWEST = [Versions("3.13", "2.0"), Versions("3.13", "2.1")]
OTHERS = [Versions("3.10", "2.0"), Versions("3.11", "2.1"), Versions("3.12", "2.1")]

CELLS = [
    *((versions, suite) for versions in NEWEST for suite in SUITES),
    *((versions, suite) for versions in OTHERS for suite in ON_EVERY_PYTHON),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Versions], Path]:
    """Return a function that makes the environment of some versions, once."""

    @cache
    def make(versions: Versions) -> Path:
        interpreter = find_interpreter(versions.python)
        if interpreter is None:
            pytest.skip(f"there is no Python {versions.python} on this machine")
        major, minor = versions.sqlalchemy.split(".")
        within = f"sqlalchemy>={versions.sqlalchemy},<{major}.{int(minor) + 1}"
        folder = folder_for_all(tmp_path_factory, str(versions))
        return suite_environment(folder / ".venv", interpreter, within, *LAYERS)

    return make


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Suite], Path]:
    """Return a function that renders the project of a suite with its canaries, once."""

    @cache
    def make(suite: Suite) -> Path:
        made = render(
            template,
            tmp_path_factory.mktemp("matrix") / f"{suite.driver}-{suite.mode}",
            questions="everything",
            database_engine=suite.engine,
            database_driver=suite.driver,
            mode=suite.mode,
            auth="none",
        )
        shutil.copytree(CANARIES, made / "tests" / "canaries")
        with (made / "tests" / "harness.toml").open("a", encoding="utf-8") as settings:
            for name in ("second", '"tenant_*"'):
                settings.write(f'\n[databases.{name}]\nmetadata = "canaries.rows:SecondBase"\n')
        return made

    return make


def mysql_answers() -> bool:
    host = os.environ.get("MYSQL_HOST", "127.0.0.1")
    try:
        socket.create_connection((host, int(os.environ.get("MYSQL_TCP_PORT", "3306")))).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("versions", "suite"),
    CELLS,
    ids=lambda value: (
        f"{value.engine}-{value.driver}-{value.mode}" if isinstance(value, Suite) else str(value)
    ),
)
def test_what_one_test_leaves_behind_no_other_finds(
    environment: Callable[[Versions], Path],
    project: Callable[[Suite], Path],
    versions: Versions,
    suite: Suite,
) -> None:
    # PostgreSQL comes with a wheel where no server answers.
    if suite.engine == "mysql" and not mysql_answers():
        pytest.skip("no MySQL or MariaDB server answers on this machine")
    python = environment(versions)
    files = [f"tests/canaries/{file}" for file in suite.files]
    # What waits for a lock that nobody gives back ends in a traceback.
    limit = ["-o", "faulthandler_timeout=300", "-o", "faulthandler_exit_on_timeout=true"]
    done = run(
        python, "-m", "pytest", "-q", *limit, *files,
        cwd=project(suite),
        # Compiling the packages again for each cell would take longer than the cell.
        PYTHONDONTWRITEBYTECODE="",
    )  # fmt: skip
    outcome = re.search(r"^(.*) in [\d.]+s", done.stdout.rstrip().splitlines()[-1])
    assert outcome is not None
    assert outcome[1] == f"{sum(TESTS[file] for file in suite.files)} passed"


def test_every_driver_has_a_cell() -> None:
    promised = {
        (engine, mode, driver)
        for (engine, mode), drivers in DRIVERS.items()
        for driver in drivers
        if mode != "both"
    }
    assert {(suite.engine, suite.mode, suite.driver) for suite in SUITES} == promised


def test_every_canary_is_run() -> None:
    assert {path.name for path in CANARIES.glob("test_*.py")} == TESTS.keys()
    assert {file for suite in SUITES for file in suite.files} == TESTS.keys()
