"""`make canaries`: runs the canaries of every driver on every version that is supported.

    python -m tools.canaries             every cell
    python -m tools.canaries psycopg     the cells whose names contain a word
    python -m tools.canaries --list      what is tried, and what is expected of it

A cell is a rendered project with `tests/canaries`, on a real server: everything is done twice, and
the second time finds nothing of the first. The closing line is `held N of N`; the exit status is 1
when a canary failed or was not run.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.worlds import ROOT, clone_template, render, run
from tools.canary_list import different, shown
from tools.environments import LAYERS, find_interpreter, suite_environment

CANARIES = ROOT / "tests" / "canaries"
PASSED = re.compile(r"^(\d+) passed in [\d.]+s", re.MULTILINE)
SHOWN_WHEN_LOST = 40

# How many tests each file has. A test that is lost is as bad as one that fails.
TESTS = {
    "test_seam_sync.py": 68,
    "test_seam_async.py": 74,
    "test_forks_sync.py": 10,
    "test_forks_async.py": 6,
    "test_layers_sync.py": 10,
    "test_layers_async.py": 8,
    "test_waits_sync.py": 2,
    "test_waits_async.py": 2,
    "test_clock_sync.py": 8,
    "test_clock_async.py": 8,
    "test_several_sync.py": 12,
    "test_several_async.py": 12,
    "test_sqlite_sync.py": 36,
    "test_one_connection.py": 2,
    "test_sqlite_async.py": 8,
    "test_postgresql_sync.py": 42,
    "test_apart_sync.py": 22,
    "test_postgresql_async.py": 10,
    "test_apart_async.py": 18,
    "test_asyncpg.py": 28,
    "test_psycopg_async.py": 6,
    "test_mysql_sync.py": 80,
    "test_mysql_async.py": 60,
    "test_servers_sync.py": 30,
    "test_servers_async.py": 28,
    "test_doors.py": 118,
}

WITH_DOORS = {"pysqlite", "aiosqlite", "asyncpg", "psycopg2", "pymysql"}
WITHOUT_ROUNDS = {"test_waits_sync.py", "test_waits_async.py"}


def ways_of(file: str) -> int:
    """Return how many different tests a file has: in most each is done twice."""
    return TESTS[file] if file in WITHOUT_ROUNDS else TESTS[file] // 2


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
        subjects = ("seam", "layers", "waits", "several", "clock", "forks")
        servers = [] if self.engine == "sqlite" else [f"test_servers_{self.mode}.py"]
        of_the_mode = (f"test_{subject}_{self.mode}.py" for subject in subjects)
        # Which have nothing to do with a driver, and are tried once for each kind.
        doors = ["test_doors.py"] if self.driver in WITH_DOORS else []
        return [*of_the_mode, *servers, *doors, *self.own]

    @property
    def tests(self) -> int:
        """How many tests they have."""
        return sum(TESTS[file] for file in self.files)

    @property
    def ways(self) -> int:
        """How many different ones."""
        return sum(ways_of(file) for file in self.files)

    def __str__(self) -> str:
        return f"{self.engine}-{self.driver}-{self.mode}"


POSTGRESQL_SYNC = ("test_postgresql_sync.py", "test_apart_sync.py")
POSTGRESQL_ASYNC = ("test_postgresql_async.py", "test_apart_async.py")
SUITES = (
    Suite("sqlite", "pysqlite", "sync", ("test_sqlite_sync.py",)),
    Suite("sqlite", "aiosqlite", "async", ("test_sqlite_async.py", "test_one_connection.py")),
    Suite("postgresql", "psycopg", "sync", POSTGRESQL_SYNC),
    Suite("postgresql", "psycopg2", "sync", POSTGRESQL_SYNC),
    Suite("postgresql", "asyncpg", "async", (*POSTGRESQL_ASYNC, "test_asyncpg.py")),
    Suite(
        "postgresql",
        "psycopg",
        "async",
        (*POSTGRESQL_ASYNC, "test_psycopg_async.py", "test_one_connection.py"),
    ),
    Suite("mysql", "pymysql", "sync", ("test_mysql_sync.py",)),
    Suite("mysql", "asyncmy", "async", ("test_mysql_async.py",)),
    Suite("mysql", "aiomysql", "async", ("test_mysql_async.py",)),
)


@dataclass(frozen=True)
class Versions:
    """What a suite runs on; SQLAlchemy 2.1 asks for Python 3.11."""

    python: str
    sqlalchemy: str

    def __str__(self) -> str:
        return f"python-{self.python}-sqlalchemy-{self.sqlalchemy}"


@dataclass(frozen=True)
class Cell:
    """A suite on some versions."""

    versions: Versions
    suite: Suite

    def __str__(self) -> str:
        return f"{self.versions}-{self.suite}"


NEWEST = Versions("3.13", "2.1")
OLDEST = Versions("3.10", "2.0")
OTHERS = [Versions("3.11", "2.1"), Versions("3.12", "2.1")]
# On other versions of Python than the newest: what the standard library has a part in, and psycopg,
# which both modes share.
ON_EVERY_PYTHON = [
    suite for suite in SUITES if suite.driver in {"pysqlite", "aiosqlite", "psycopg"}
]
CELLS = [
    *(Cell(versions, suite) for versions in (NEWEST, Versions("3.13", "2.0")) for suite in SUITES),
    *(Cell(versions, suite) for versions in (OLDEST, *OTHERS) for suite in ON_EVERY_PYTHON),
]
# What every run of the tests has: each driver on what is newest, each engine on what is oldest.
FEW = [
    cell
    for cell in CELLS
    if cell.versions == NEWEST or (cell.versions == OLDEST and cell.suite in ON_EVERY_PYTHON)
]


class Cells:
    """Makes the environments and the projects of cells, each once, and runs them.

    Args:
        template: A clone of the template.
        folder: Where to; every user may look into it, because the server of the wheel is another
            one where root runs this.
        engine: How projects get the engine.
    """

    def __init__(self, template: Path, folder: Path, engine: str = "installed") -> None:
        self._template = template
        self._engine = engine
        self._folder = folder
        self.environment = cache(self._environment)
        self.project = cache(self._project)

    def run(self, cell: Cell) -> tuple[int, str]:
        """Return how many canaries of a cell held, and what pytest printed.

        Raises:
            LookupError: Its version of Python is not on this machine.
        """
        files = [f"tests/canaries/{file}" for file in cell.suite.files]
        project = self.project(cell.suite)
        # What other versions found to need connections of its own is tried on the shared one.
        (project / "tests" / "real_commits.txt").unlink(missing_ok=True)
        # What waits for a lock that nobody gives back ends in a traceback.
        limit = ["-o", "faulthandler_timeout=300", "-o", "faulthandler_exit_on_timeout=true"]
        done = run(
            self.environment(cell.versions),
            *("-m", "pytest", "-q", "-p", "no:randomly", *limit, *files),
            cwd=project,
            check=False,
            # Compiling the packages again for each cell would take longer than the cell.
            PYTHONDONTWRITEBYTECODE="",
        )
        passed = None if done.returncode else PASSED.search(done.stdout)
        return int(passed[1]) if passed else 0, done.stdout

    def _environment(self, versions: Versions) -> Path:
        interpreter = find_interpreter(versions.python)
        if interpreter is None:
            raise LookupError(f"there is no Python {versions.python} on this machine")
        major, minor = versions.sqlalchemy.split(".")
        within = f"sqlalchemy>={versions.sqlalchemy},<{major}.{int(minor) + 1}"
        return suite_environment(
            self._folder / str(versions) / ".venv", interpreter, within, *LAYERS
        )

    def _project(self, suite: Suite) -> Path:
        made = render(
            self._template,
            self._folder / f"{suite.driver}-{suite.mode}",
            questions="everything",
            engine=self._engine,
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cells one after the other and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.canaries", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only cells whose names contain it")
    parser.add_argument("--list", action="store_true", help="say what is tried, and run nothing")
    given = parser.parse_args(arguments)
    word = given.word
    if given.list:
        print(*shown(CANARIES), sep="\n")
        print(f"{different({file: ways_of(file) for file in TESTS})} ways")
        return 0
    chosen = [cell for cell in CELLS if word in str(cell)]
    held = 0
    with tempfile.TemporaryDirectory(prefix="canaries-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        cells = Cells(clone_template(folder / "template", "v99.0.0"), folder)
        for cell in chosen:
            passed, output = cells.run(cell)
            held += passed
            print(f"{cell}  {passed} of {cell.suite.tests}", flush=True)
            if passed != cell.suite.tests:
                print("\n".join(output.splitlines()[-SHOWN_WHEN_LOST:]), flush=True)
    wanted = sum(cell.suite.tests for cell in chosen)
    print(f"held {held} of {wanted}")
    return 0 if wanted and held == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
