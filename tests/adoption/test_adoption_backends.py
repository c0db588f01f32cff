"""Each backend of tests/backends gets a harness with `--defaults` and no edit, and it is green.

All are rendered; a few are run. `ADOPTED_BACKENDS=all` runs every one, as `make matrix` does. One
for a newer Python than this is run in older words, which change nothing of what it does.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path

import pytest
import tomllib

from test_harness.settings import read_settings
from test_harness.settings.observed import read_observed
from tests.conftest import folder_for_all
from tests.decoys import decoy_on
from tests.worlds import ROOT, commit_all, copier, files_of, git, render, run
from tools.environments import LAYERS, suite_environment

BACKENDS = ROOT / "tests" / "backends"
NAMES = sorted(path.name for path in BACKENDS.iterdir() if path.is_dir())

# How the tests that a backend has are run, by its own people.
OWN_TESTS = {
    "blog": ("unittest", "-v", "tests"),
    "harbour": ("pytest", "-v", "-p", "no:asyncio", "tests"),
    "ledger": ("pytest", "-v", "ledger"),
    "pantry": ("pytest", "-v", "-p", "no:asyncio"),
    "payments": ("pytest", "-v", "-p", "no:asyncio", "tests"),
    "portal": ("pytest", "-v", "server/portal/tests"),
    "warehouse": ("pytest", "-v", "-p", "no:asyncio", "-n", "0", "tests"),
}
# What its settings lead to where it is deployed: a file, or a server behind a port.
DEPLOYED = {
    "blog": {"DATABASE_URL": "sqlite:///{file}"},
    "clinic": {"DATABASE_URL": "sqlite+aiosqlite:///{file}"},
    "courier": {"DATABASE_URL": "sqlite+aiosqlite:///{file}"},
    "festival": {"DATABASE_URL": "postgresql+psycopg2://app:app@127.0.0.1:{port}/app"},
    "harbour": {"DATABASE_URL": "postgresql+asyncpg://app:app@127.0.0.1:{port}/app"},
    "kiosk": {"DATABASE_URL": "sqlite:///{file}"},
    "lounge": {"DATABASE_URL": "sqlite+aiosqlite:///{file}"},
    "marina": {"DB_URL": "postgresql+asyncpg://app:app@127.0.0.1:{port}/app"},
    "pantry": {"DATABASE_URL": "sqlite+aiosqlite:///{file}"},
    "messenger": {"MYSQL_DSN": "mysql+asyncmy://app:app@127.0.0.1:{port}/app"},
    "portal": {"DATABASE_DSN": "postgresql://app:app@127.0.0.1:{port}/app"},
    "studio": {"DATABASE_URL": "sqlite+aiosqlite:///{file}"},
    "tickets": {"DATABASE_URL": "postgresql+asyncpg://app:app@127.0.0.1:{port}/app"},
    "warehouse": {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": "{port}"},
}
# Their databases when nothing is set.
FILES = (
    "blog.db", "clinic.db", "courier.db", "instance/kiosk.db", "ledger.db", "lounge.db",
    "pantry.db", "studio.db",
)  # fmt: skip

# Those that the checks rightly complain of: forms read by fields that nobody has to have sent.
FOUND_WANTING = {"blog", "clinic"}
# What only a person may accept, and what the report says of it.
GOOD_FOR_EVER = "AssertionError: the token is good for ever: it has no `exp`"
HOLES = {
    "payments": GOOD_FOR_EVER,
    "portal": GOOD_FOR_EVER,
    "studio": "GET /users/me answered 200, not 401 (studio/app.py)",
    "warehouse": GOOD_FOR_EVER,
}

# What is written for a Python that may not be here, and how it was written before.
NEWER = {
    "portal": [
        (b"except ValueError, TypeError:", b"except (ValueError, TypeError):"),
        (b"class Table[Key](Base):", b"class Table(Base):"),
        (b"type Claims = dict[str, str]", b"Claims = dict[str, str]"),
    ]
}

# `orders` has a module of its own.
RUNNABLE = [name for name in NAMES if name != "orders"]
EACH_TIME = ["blog", "clinic", "courier", "kiosk", "tickets"]
RUN = RUNNABLE if os.environ.get("ADOPTED_BACKENDS") == "all" else EACH_TIME

# With it, SQLAlchemy is held below 2.1, from which on `postgresql://` means psycopg 3.
FOR_ITSELF = {"studio": ["fastapi-users[sqlalchemy]"]}
# What they import beside the packages of every cell.
PACKAGES = [
    # The last release of bcrypt that passlib works with.
    *LAYERS, "argon2-cffi", "bcrypt<5", "boto3", "dependency-injector", "environs",
    "flask", "flask-httpauth", "flask-jwt-extended", "flask-limiter", "flask-login",
    "flask-migrate", "flask-session", "flask-wtf", "itsdangerous", "litestar[jwt]", "passlib",
    "pillow", "python-dotenv", "python-jose", "redis", "slowapi", "werkzeug",
]  # fmt: skip

DECOY = b"what production has"


@dataclass(frozen=True)
class Adopted:
    """A backend after its adoption.

    Args:
        name: What it is called.
        path: Its repository.
        python: The interpreter of its environment.
        printed: What the adoption printed.
        own: How its own tests had ended before.
    """

    name: str
    path: Path
    python: Path
    printed: str
    own: list[str]


def copy_of(name: str, folder: Path) -> Path:
    """Copy a backend into a repository of its own, with a database where it keeps one."""
    path = folder / name
    shutil.copytree(BACKENDS / name, path, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    for file in FILES:
        (path / file).parent.mkdir(exist_ok=True)
        (path / file).write_bytes(DECOY)
    commit_all(path)
    return path


def in_older_words(name: str, path: Path) -> None:
    """Rewrite what this Python cannot read."""
    for new, old in NEWER.get(name, ()) if sys.version_info < (3, 14) else ():
        [file] = [found for found in path.rglob("*.py") if new in found.read_bytes()]
        file.write_bytes(file.read_bytes().replace(new, old))
    commit_all(path)


def own_tests(name: str, path: Path, python: Path) -> list[str]:
    """Run the backend's own tests and return how each ended."""
    if name not in OWN_TESTS:
        return []
    done = run(python, "-m", *OWN_TESTS[name], cwd=path, check=False)
    ended = ("ok", "PASSED", "FAILED", "ERROR", "SKIPPED", "FAIL")
    return [
        line.partition("[")[0].strip()
        for line in done.stdout.splitlines()
        if any(line.partition("[")[0].rstrip().endswith(word) for word in ended)
    ]


# ------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", NAMES)
def test_every_backend_can_be_adopted_with_defaults(
    name: str, template: Path, tmp_path: Path
) -> None:
    path = copy_of(name, tmp_path)
    before = files_of(path)
    render(template, path)
    after = files_of(path)
    assert {file: after.get(file) for file in before} == before
    for file in after.keys() - before.keys():
        if file.endswith(".py"):
            ast.parse(after[file])
    # A configuration above its own tests would be theirs from then on.
    assert "pytest.ini" not in after.keys() - before.keys() or name not in OWN_TESTS
    [asked] = [after[file] for file in after.keys() - before if file.endswith("/requirements.txt")]
    # pytest-randomly would put the tests that are there in another order too.
    assert (b"order" in asked) == (name not in {*OWN_TESTS, "orders"}), asked
    [settings] = [file for file in after if file.endswith("/harness.toml")]
    known = tomllib.loads(after[settings].decode())
    assert known["database"]["metadata"]


# ----------------------------------------------------------------------------------- those that run


@pytest.fixture(scope="module")
def python_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that makes the environment of a backend, most of which share one."""

    @cache
    def make(*packages: str) -> Path:
        folder = folder_for_all(tmp_path_factory, "environment-of-backends")
        return suite_environment(folder / ".venv", sys.executable, *PACKAGES, *packages)

    return lambda name: make(*FOR_ITSELF.get(name, ()))


@pytest.fixture(scope="module", params=RUN)
def adopted(
    request: pytest.FixtureRequest,
    template: Path,
    python_of: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Adopted:
    name: str = request.param
    python = python_of(name)
    path = copy_of(name, tmp_path_factory.mktemp("adopted"))
    in_older_words(name, path)
    own = own_tests(name, path, python)
    done = copier(
        "copy", "--trust", "--defaults", template, path,
        cwd=path.parent, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        VIRTUAL_ENV=str(python.parents[1]), TEST_HARNESS_STRICT=str(int(name not in HOLES)),
    )  # fmt: skip
    return Adopted(name, path, python, done.stdout, own)


@pytest.mark.runs
def test_the_suite_is_green_at_once_but_for_holes(adopted: Adopted) -> None:
    hole = HOLES.get(adopted.name)
    if hole is not None:
        _, _, report = adopted.printed.partition("\nRED: ")
        assert hole in report.partition("The application was not changed.")[0]
        assert "Fix: Mend the application; or a person accepts it" in report
        return
    assert "\nGreen: " in adopted.printed
    assert ("Expected to fail" in adopted.printed) is (adopted.name in FOUND_WANTING)


@pytest.mark.runs
def test_what_it_answers_was_observed(adopted: Adopted) -> None:
    expected = json.loads((BACKENDS / f"{adopted.name}.observed.json").read_text(encoding="utf-8"))
    [path] = adopted.path.glob("*/harness.toml")
    known = read_settings(path, {})
    found = {name: attrgetter(name)(known) for name in expected}
    assert found == expected
    assert {
        f"{one.section}.{one.key}" for one in read_observed(path.with_name("observed.toml"))
    } <= {*expected}


@pytest.mark.runs
def test_files_are_added_and_none_is_changed(adopted: Adopted) -> None:
    changed = git(adopted.path, "status", "--porcelain").splitlines()
    assert [line for line in changed if not line.startswith("??")] == []


@pytest.mark.runs
def test_its_own_tests_end_as_before(adopted: Adopted) -> None:
    assert own_tests(adopted.name, adopted.path, adopted.python) == adopted.own
    assert bool(adopted.own) == (adopted.name in OWN_TESTS)


@pytest.mark.runs
def test_the_database_of_its_settings_is_never_touched(adopted: Adopted, tmp_path: Path) -> None:
    file = tmp_path / "production.db"
    file.write_bytes(DECOY)
    [folder] = [path.parent for path in adopted.path.glob("*/harness.toml")]
    with decoy_on(0) as decoy:
        deployed = {
            name: value.format(file=file, port=decoy.port)
            for name, value in DEPLOYED.get(adopted.name, {}).items()
        }
        run(
            adopted.python, "-m", "pytest", folder.name,
            cwd=adopted.path, check=adopted.name not in HOLES, **deployed,
        )  # fmt: skip
        assert decoy.connections() == 0
    assert file.read_bytes() == DECOY
    assert {(adopted.path / name).read_bytes() for name in FILES} == {DECOY}
