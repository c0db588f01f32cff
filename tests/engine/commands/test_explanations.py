"""What lies behind a red run is told from the output of pytest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from test_harness.commands.explanations import explain
from tests.engine.commands.hooks import GREEN, RED
from tests.worlds import ROOT, build_tree, run


def failing(folder: Path, body: str) -> str:
    """Return what pytest prints about a failing test of this body."""
    build_tree(folder, {"pytest.ini": "[pytest]\n", "test_it.py": body})
    done = run(
        sys.executable, "-m", "pytest", "-q", "--no-header", cwd=folder, check=False,
        PYTHONPATH=str(ROOT / "src"), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )  # fmt: skip
    assert done.returncode != 0
    return done.stdout


def test_a_missing_module_is_explained(tmp_path: Path) -> None:
    assert explain(failing(tmp_path, RED)) == [
        "The module 'no_such_module' was not found.\n    Fix: install the package that has it into "
        "this environment, or add its folder to `pythonpath` in pytest.ini."
    ]


def test_a_module_of_the_project_in_the_way_of_a_plugin_is_explained() -> None:
    said = "ModuleNotFoundError: No module named 'faker.contrib'"
    assert explain(said) == [
        "A module of the project is called faker, like the package whose plugin pytest loads.\n"
        "    Fix: add `-p no:faker` to addopts in pytest.ini."
    ]


def test_a_module_of_the_project_is_no_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_tree(tmp_path, {"src/shop/__init__.py": ""})
    monkeypatch.chdir(tmp_path)
    assert explain("E   ModuleNotFoundError: No module named 'shop.models'") == [
        "The module 'shop.models' was not found, and src/shop lies in the project.\n    Fix: "
        "correct the import, or add the folder that it starts from to `pythonpath` in pytest.ini."
    ]


DATABASE_IS_DOWN = (
    "The database server at {} did not answer (connection refused).\n    Fix: start it (`docker "
    "compose -f docker-compose.test.yml up -d --wait`), or correct TEST_DATABASE_URL."
)
SERVER_IS_DOWN = (
    "What should listen at {} did not answer (connection refused).\n    Fix: start it, or have a "
    "double stand in for it in conftest.py; the traceback says who asked."
)


def test_a_server_that_libpq_cannot_reach_is_explained(tmp_path: Path) -> None:
    body = (
        "import psycopg\n\n\ndef test_it():\n"
        "    psycopg.connect('postgresql://127.0.0.1:11/x', connect_timeout=2)\n"
    )
    assert explain(failing(tmp_path, body)) == [DATABASE_IS_DOWN.format("127.0.0.1:11")]


def test_a_server_that_asyncio_cannot_reach_is_explained(tmp_path: Path) -> None:
    body = (
        "import asyncio\n\n\ndef test_it():\n"
        "    asyncio.run(asyncio.open_connection('127.0.0.1', 11))\n"
    )
    assert explain(failing(tmp_path, body)) == [SERVER_IS_DOWN.format("127.0.0.1:11")]


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        (
            "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection "
            "refused.",
            SERVER_IS_DOWN.format("cache:6379"),
        ),
        (
            "OSError: [Errno 111] Connect call failed ('127.0.0.1', 5432)",
            DATABASE_IS_DOWN.format("127.0.0.1:5432"),
        ),
        (
            "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db' ([Errno "
            '111] Connection refused)")',
            DATABASE_IS_DOWN.replace(" at {}", ""),
        ),
        (
            "ConnectionRefusedError: [Errno 111] Connection refused",
            SERVER_IS_DOWN.replace("What should listen at {}", "A server"),
        ),
    ],
)
def test_only_a_database_that_does_not_answer_is_blamed(said: str, explained: str) -> None:
    assert explain(f"E   {said}\n") == [explained]


def missing_table(name: str) -> str:
    return (
        f"The table {name!r} is missing in the test database.\n    Fix: write the migration that "
        "creates it (`alembic revision --autogenerate` where a model has it), or name the right "
        "metadata in harness.toml."
    )


def test_a_missing_table_in_sqlite_is_explained(tmp_path: Path) -> None:
    body = (
        "import sqlite3\n\n\ndef test_it():\n"
        "    sqlite3.connect(':memory:').execute('SELECT 1 FROM users')\n"
    )
    assert explain(failing(tmp_path, body)) == [missing_table("users")]


def test_a_missing_table_in_postgresql_is_explained() -> None:
    output = (
        "E   sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "
        '"public.users" does not exist\nE   LINE 1: SELECT 1 FROM public.users\n'
    )
    assert explain(output) == [missing_table("public.users")]


def test_a_missing_table_in_mysql_is_explained() -> None:
    output = (
        "E   sqlalchemy.exc.ProgrammingError: (pymysql.err.ProgrammingError) "
        "(1146, \"Table 'test_harness_shop_1234_main.users' doesn't exist\")\n"
    )
    assert explain(output) == [missing_table("users")]


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    body = (
        "import socket\n\n\ndef test_it():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as one, socket.socket() as other:\n"
        "        other.bind(one.getsockname())\n"
    )
    assert explain(failing(tmp_path, body)) == [
        "A port is taken.\n    Fix: stop the other process that listens on it."
    ]


def test_an_option_that_pytest_does_not_know_is_explained(tmp_path: Path) -> None:
    build_tree(tmp_path, {"pytest.ini": "[pytest]\naddopts = --no-such-option\n"})
    done = run(sys.executable, "-m", "pytest", cwd=tmp_path, check=False)
    assert explain(done.stdout) == [
        "pytest does not know --no-such-option.\n    Fix: install the plugin that adds it."
    ]


ERROR = (
    "from test_harness.errors import LoginError\n\nERROR = LoginError('It is wrong.', 'Mend it.')\n"
)
EXPLAINED = ["It is wrong.\n    Fix: Mend it."]


def test_an_error_of_the_harness_in_a_test_is_its_own_explanation(tmp_path: Path) -> None:
    body = f"{ERROR}\n\ndef test_it():\n    raise ERROR\n"
    assert explain(failing(tmp_path, body)) == EXPLAINED


def test_an_error_of_the_harness_that_ends_the_run_is_its_own_explanation(tmp_path: Path) -> None:
    body = f"import pytest\n{ERROR}\n\ndef test_it():\n    pytest.exit(str(ERROR), 3)\n"
    assert explain(failing(tmp_path, body)) == EXPLAINED


def test_an_error_of_the_harness_at_the_start_is_its_own_explanation(tmp_path: Path) -> None:
    build_tree(
        tmp_path,
        {"conftest.py": f"import pytest\n{ERROR}\nraise pytest.UsageError(str(ERROR))\n"},
    )
    assert explain(failing(tmp_path, GREEN)) == EXPLAINED


def test_a_plugin_that_breaks_is_no_fault_of_the_application(tmp_path: Path) -> None:
    hook = "def pytest_collection_finish():\n    raise ZeroDivisionError('It broke.')\n"
    build_tree(tmp_path, {"conftest.py": hook})
    assert explain(failing(tmp_path, GREEN)) == [
        "pytest broke off in a plugin or a conftest.py: ZeroDivisionError: It broke.\n"
        "    Fix: report the lines that begin with INTERNALERROR, or take the plugin away that "
        "they name."
    ]


def test_the_same_reason_is_given_once() -> None:
    output = "no such table: users\nno such table: users\n"
    assert explain(output) == [missing_table("users")]


def test_what_is_not_known_is_not_guessed() -> None:
    assert explain("E   assert 1 == 2\n") == []
