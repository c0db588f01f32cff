"""The rendered hook finds an environment, runs the suite, and explains what is wrong."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.worlds import ROOT, build_tree, environment, files_of, git, run

HOOK = ROOT / "template" / "{{ tests_dir }}" / "harness" / "hook"
MODULES = ("commands", "environments", "explanations", "findings", "known", "suite")
AGAIN = "make -f test-harness.mk harness-check"

GREEN = "def test_fine():\n    pass\n"
RED = "import no_such_module\n\n\ndef test_never():\n    pass\n"
# In the place of the plugin that writes down what was looked at.
TABLE = """\
from pathlib import Path


def pytest_addoption(parser):
    parser.addoption("--findings", type=Path)


def pytest_unconfigure(config):
    if config.option.findings:
        config.option.findings.write_text("  OK  as it was\\n")
"""
# An environment that has what this one has, wherever it lies.
PYTHON = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


@pytest.fixture(autouse=True)
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the modules of the hook importable by the names they have for each other."""
    monkeypatch.syspath_prepend(HOOK)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def environments() -> ModuleType:
    return importlib.import_module("environments")


@pytest.fixture
def known() -> ModuleType:
    return importlib.import_module("known")


@pytest.fixture
def explanations() -> ModuleType:
    return importlib.import_module("explanations")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the hook and one green test, and an environment that has pytest."""
    project = build_tree(
        tmp_path / "project",
        {
            "pytest.ini": "[pytest]\n",
            "tests/test_it.py": GREEN,
            "tests/harness/requirements.txt": "# The least.\npytest>=8\n",
            "tests/harness/findings/table.py": TABLE,
            "tests/harness/findings/look_application.py": GREEN,
            ".venv/bin/python": PYTHON,
        },
    )
    (project / ".venv" / "bin" / "python").chmod(0o755)
    shutil.copytree(
        HOOK, project / "tests" / "harness" / "hook", ignore=shutil.ignore_patterns("__pycache__")
    )
    return project


def check(project: Path, *arguments: str, strict: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the hook as Copier and `make harness-check` do."""
    return run(
        sys.executable, "tests/harness/hook", *arguments,
        cwd=project, check=False, **({"TEST_HARNESS_STRICT": "1"} if strict else {}),
    )  # fmt: skip


# -------------------------------------------------------------------------------- explanations


def failing(folder: Path, body: str) -> str:
    """Return what pytest prints about a failing test of this body."""
    build_tree(folder, {"pytest.ini": "[pytest]\n", "test_it.py": body})
    done = run(
        sys.executable, "-m", "pytest", "-q", "--no-header", cwd=folder, check=False,
        PYTHONPATH=str(HOOK.parents[1]), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )  # fmt: skip
    assert done.returncode != 0
    return done.stdout


def test_a_missing_module_is_explained(explanations: ModuleType, tmp_path: Path) -> None:
    assert explanations.explain(failing(tmp_path, RED)) == [
        "The module 'no_such_module' was not found.\n    Fix: install the package that has it into "
        "this environment, or add its folder to `pythonpath` in pytest.ini."
    ]


SERVER_IS_DOWN = (
    "A server did not answer (connection refused).\n    Fix: start it (`docker compose -f "
    "docker-compose.test.yml up -d --wait`), or correct TEST_DATABASE_URL."
)


def test_a_server_that_libpq_cannot_reach_is_explained(
    explanations: ModuleType, tmp_path: Path
) -> None:
    body = (
        "import psycopg\n\n\ndef test_it():\n"
        "    psycopg.connect('postgresql://127.0.0.1:1/x', connect_timeout=2)\n"
    )
    assert explanations.explain(failing(tmp_path, body)) == [SERVER_IS_DOWN]


def test_a_server_that_asyncio_cannot_reach_is_explained(
    explanations: ModuleType, tmp_path: Path
) -> None:
    body = (
        "import asyncio\n\n\ndef test_it():\n"
        "    asyncio.run(asyncio.open_connection('127.0.0.1', 1))\n"
    )
    assert explanations.explain(failing(tmp_path, body)) == [SERVER_IS_DOWN]


def missing_table(name: str) -> str:
    return (
        f"The table {name!r} is missing in the test database.\n    Fix: write the migration that "
        "creates it, or name the right metadata in harness.toml."
    )


def test_a_missing_table_in_sqlite_is_explained(explanations: ModuleType, tmp_path: Path) -> None:
    body = (
        "import sqlite3\n\n\ndef test_it():\n"
        "    sqlite3.connect(':memory:').execute('SELECT 1 FROM users')\n"
    )
    assert explanations.explain(failing(tmp_path, body)) == [missing_table("users")]


def test_a_missing_table_in_postgresql_is_explained(explanations: ModuleType) -> None:
    output = (
        "E   sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "
        '"public.users" does not exist\nE   LINE 1: SELECT 1 FROM public.users\n'
    )
    assert explanations.explain(output) == [missing_table("public.users")]


def test_a_missing_table_in_mysql_is_explained(explanations: ModuleType) -> None:
    output = (
        "E   sqlalchemy.exc.ProgrammingError: (pymysql.err.ProgrammingError) "
        "(1146, \"Table 'test_harness_shop_1234_main.users' doesn't exist\")\n"
    )
    assert explanations.explain(output) == [missing_table("users")]


def test_a_taken_port_is_explained(explanations: ModuleType, tmp_path: Path) -> None:
    body = (
        "import socket\n\n\ndef test_it():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as one, socket.socket() as other:\n"
        "        other.bind(one.getsockname())\n"
    )
    assert explanations.explain(failing(tmp_path, body)) == [
        "A port is taken.\n    Fix: stop the other process that listens on it."
    ]


def test_an_option_that_pytest_does_not_know_is_explained(
    explanations: ModuleType, tmp_path: Path
) -> None:
    build_tree(tmp_path, {"pytest.ini": "[pytest]\naddopts = --no-such-option\n"})
    done = run(sys.executable, "-m", "pytest", cwd=tmp_path, check=False)
    assert explanations.explain(done.stdout) == [
        "pytest does not know --no-such-option.\n    Fix: install the plugin that adds it."
    ]


ERROR = (
    "from test_harness.errors import LoginError\n\nERROR = LoginError('It is wrong.', 'Mend it.')\n"
)
EXPLAINED = ["It is wrong.\n    Fix: Mend it."]


def test_an_error_of_the_harness_in_a_test_is_its_own_explanation(
    explanations: ModuleType, tmp_path: Path
) -> None:
    body = f"{ERROR}\n\ndef test_it():\n    raise ERROR\n"
    assert explanations.explain(failing(tmp_path, body)) == EXPLAINED


def test_an_error_of_the_harness_that_ends_the_run_is_its_own_explanation(
    explanations: ModuleType, tmp_path: Path
) -> None:
    body = f"import pytest\n{ERROR}\n\ndef test_it():\n    pytest.exit(str(ERROR), 3)\n"
    assert explanations.explain(failing(tmp_path, body)) == EXPLAINED


def test_an_error_of_the_harness_at_the_start_is_its_own_explanation(
    explanations: ModuleType, tmp_path: Path
) -> None:
    build_tree(
        tmp_path,
        {"conftest.py": f"import pytest\n{ERROR}\nraise pytest.UsageError(str(ERROR))\n"},
    )
    assert explanations.explain(failing(tmp_path, GREEN)) == EXPLAINED


def test_the_same_reason_is_given_once(explanations: ModuleType) -> None:
    output = "no such table: users\nno such table: users\n"
    assert explanations.explain(output) == [missing_table("users")]


def test_what_is_not_known_is_not_guessed(explanations: ModuleType) -> None:
    assert explanations.explain("E   assert 1 == 2\n") == [
        "The first failure above says what broke."
    ]


# -------------------------------------------------------------------------------- environments


def make_environment(folder: Path) -> Path:
    """Lay down what tells an environment, without an interpreter that works."""
    build_tree(folder, {"bin/python": ""})
    return folder


@pytest.fixture
def without_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    project = tmp_path / "bare"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def test_dot_venv_is_used_before_all_others(
    environments: ModuleType, without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_environment(without_environment / ".venv")
    make_environment(without_environment / "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(make_environment(without_environment / "active")))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (first / "bin" / "python", False)


def test_venv_is_used_before_the_active_environment(
    environments: ModuleType, without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_environment(without_environment / "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(make_environment(without_environment / "active")))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (second / "bin" / "python", False)


def test_the_active_environment_is_used_before_one_is_made(
    environments: ModuleType, without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = make_environment(without_environment / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (active / "bin" / "python", False)


def test_the_environment_of_copier_itself_is_never_used(
    environments: ModuleType, without_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    found = environments.find_or_make(without_environment, print)
    assert (found.python, found.made) == (without_environment / ".venv" / "bin" / "python", True)


@pytest.mark.parametrize(
    ("repository", "needs", "is_used"),
    [("..", "..", True), ("..", ".", False), (".", "..", False)],
    ids=["above", "needs of its own", "a repository of its own"],
)
def test_the_environment_of_the_repository_is_used_where_it_says_what_is_needed(
    environments: ModuleType, without_environment: Path, repository: str, needs: str, is_used: bool
) -> None:
    (without_environment / repository / ".git").mkdir()
    (without_environment / needs / "pyproject.toml").touch()
    above = make_environment(without_environment.parent / ".venv")
    found = environments.find_or_make(without_environment, print)
    assert (found.python == above / "bin" / "python") is is_used
    assert found.made is not is_used


@pytest.mark.parametrize(
    ("files", "home"),
    [
        (["uv.lock", "pyproject.toml", "bare/pyproject.toml"], ".."),
        (["uv.lock", "bare/pyproject.toml", "bare/poetry.lock"], "."),
        (["uv.lock", "bare/requirements.txt"], "."),
        (["pyproject.toml"], ".."),
        (["pyproject.toml", "bare/pyproject.toml"], "."),
        ([], "."),
    ],
    ids=["workspace", "own lock", "requirements", "above", "no lock", "nothing"],
)
def test_what_the_application_needs_may_be_said_above_it(
    environments: ModuleType, without_environment: Path, files: list[str], home: str
) -> None:
    build_tree(without_environment.parent, {**dict.fromkeys(files, ""), ".git/HEAD": ""})
    assert environments._home(without_environment) == (without_environment / home).resolve()


def test_without_an_environment_uv_makes_one(
    environments: ModuleType, without_environment: Path
) -> None:
    found = environments.find_or_make(without_environment, print)
    assert found.made
    assert "uv = " in (without_environment / ".venv" / "pyvenv.cfg").read_text()
    run(found.python, "-c", "", cwd=without_environment)


def test_without_uv_an_environment_is_made_all_the_same(
    environments: ModuleType,
    without_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = environments.find_or_make(without_environment, print)
    assert found.made
    run(found.python, "-m", "pip", "--version", cwd=without_environment)


def test_an_environment_that_was_left_unfinished_is_finished(
    environments: ModuleType, without_environment: Path
) -> None:
    environments.find_or_make(without_environment, print)
    assert environments.find_or_make(without_environment, print).made


def test_a_finished_environment_is_left_as_it_is(
    environments: ModuleType, without_environment: Path
) -> None:
    requirements = build_tree(without_environment, {"least.txt": "pip>=1\n"}) / "least.txt"
    environments.find_or_make(without_environment, print).install(requirements, print)
    assert not environments.find_or_make(without_environment, print).made


@pytest.fixture
def with_old_package(environments: ModuleType, without_environment: Path) -> Path:
    """A project whose environment has a package in a version that is not the newest."""
    environments.find_or_make(without_environment, print)
    (without_environment / ".venv" / environments.UNFINISHED).unlink()
    python = without_environment / ".venv" / "bin" / "python"
    run("uv", "pip", "install", "--python", python, "iniconfig==2.0.0", cwd=without_environment)
    return without_environment


def installed(project: Path) -> list[str]:
    python = project / ".venv" / "bin" / "python"
    return run("uv", "pip", "freeze", "--python", python, cwd=project).stdout.splitlines()


def test_missing_requirements_are_installed_beside_what_is_there(
    environments: ModuleType, with_old_package: Path
) -> None:
    requirements = build_tree(with_old_package, {"least.txt": "iniconfig>=2\npluggy>=1,<1.6\n"})
    found = environments.find_or_make(with_old_package, print)
    found.install(requirements / "least.txt", print)
    assert installed(with_old_package) == ["iniconfig==2.0.0", "pluggy==1.5.0"]


def on_top_of(environments: ModuleType, project: Path) -> tuple[Path, Path]:
    """Install what does not go with the project; return the interpreter and the requirements."""
    files = {"tests/harness/requirements.txt": "iniconfig>=2.1\n"}
    requirements = build_tree(project, files) / "tests" / "harness" / "requirements.txt"
    found = environments.find_or_make(project, print)
    python: Path = found.install(requirements, print).python
    return python, requirements


def test_a_requirement_never_changes_an_installed_version(
    environments: ModuleType, with_old_package: Path
) -> None:
    on_top_of(environments, with_old_package)
    assert installed(with_old_package) == ["iniconfig==2.0.0"]


def test_what_does_not_go_with_the_project_goes_on_top_of_it(
    environments: ModuleType, with_old_package: Path
) -> None:
    project_python = with_old_package / ".venv" / "bin" / "python"
    run("uv", "pip", "install", "--python", project_python, "pluggy==1.5.0", cwd=with_old_package)
    python, _ = on_top_of(environments, with_old_package)
    code = "from importlib.metadata import version as v; print(v('iniconfig') > '2.0', v('pluggy'))"
    assert run(python, "-c", code, cwd=with_old_package).stdout == "True 1.5.0\n"
    assert python == with_old_package / "tests" / ".venv" / "bin" / "python"


def test_the_environment_on_top_is_found_again(
    environments: ModuleType, with_old_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, requirements = on_top_of(environments, with_old_package)
    monkeypatch.setenv("PATH", "")
    said: list[str] = []
    again = environments.find_or_make(with_old_package, print).install(requirements, said.append)
    assert (again.python, said) == (python, [])


def test_a_failure_that_is_no_conflict_is_told(
    environments: ModuleType, with_old_package: Path
) -> None:
    files = {"tests/harness/requirements.txt": "there is none\n"}
    requirements = build_tree(with_old_package, files) / "tests" / "harness" / "requirements.txt"
    found = environments.find_or_make(with_old_package, print)
    requirements.write_text("iniconfig @ file:///nowhere.whl>=3\n", encoding="utf-8")
    with pytest.raises(environments.SetupError, match="nowhere"):
        found.install(requirements, print)


# ------------------------------------------------------------------------------- known failures


@pytest.mark.parametrize(
    ("failures", "acceptable"),
    [
        (["test_auth_jwt_bearer_sync::test_no_token_is_refused"], True),
        (["test_health_async::test_an_unknown_path_is_no_error"], True),
        (["test_auth_credentials_sync::test_a_logged_in_user_gets_in"], False),
        (["test_socketio_sync::test_what_has_to_be_refused_does_not_connect[missing]"], True),
        (["test_socketio_sync::test_a_user_connects"], False),
        (["test_socket_async::test_a_user_opens_the_socket"], False),
        (["test_isolation_sync::test_a_commit_does_not_outlive_its_test[1]"], False),
        (
            ["test_health_sync::test_the_health_route_answers", "test_seam::test_anything"],
            False,
        ),
        ([], False),
    ],
)
def test_only_answers_of_the_application_may_be_known_failures(
    known: ModuleType, failures: list[str], acceptable: bool
) -> None:
    assert known.acceptable(dict.fromkeys(failures, "said")) == acceptable


def test_no_way_to_log_in_may_be_broken_as_a_known_failure(known: ModuleType) -> None:
    test = "test_auth_credentials_sync::test_what_has_to_be_refused_opens_nothing[missing]"
    assert known.acceptable({test: "Failed: GET /me answered 403, not 401."})
    assert not known.acceptable({test: "test_harness.errors.LoginError: The login set no cookie."})


def test_satisfied_requirements_need_no_installer(
    environments: ModuleType, with_old_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = build_tree(with_old_package, {"least.txt": "iniconfig>=1.9\n"}) / "least.txt"
    said: list[str] = []
    monkeypatch.setenv("PATH", "")
    environments.find_or_make(with_old_package, print).install(requirements, said.append)
    assert said == []


# ---------------------------------------------------------------------------------- conflicts


CONFLICT = "<<<<<<< before updating\nmine\n=======\nyours\n>>>>>>> after updating\n"


@pytest.fixture
def committed(project: Path) -> Path:
    """A project as Copier updates it: it refuses one with uncommitted changes."""
    build_tree(project, {".gitignore": ".venv\n", "docs/merging.md": CONFLICT})
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "State")
    return project


def test_files_with_marks_and_rejects_are_named(committed: Path) -> None:
    build_tree(
        committed,
        {
            "tests/harness/lock.py": f"x = 1\n{CONFLICT}",
            "test-harness.mk.rej": "@@ -1 +1 @@\n",
            "docs/rulers.md": "Title\n=======\n",
            "docs/quoted.md": "    <<<<<<< before\n    >>>>>>> after\n",
            ".venv/lib/merge.py": CONFLICT,
        },
    )
    done = check(committed, "--after-update")
    assert done.stdout == (
        "The update met edits of yours in the same lines, and the suite was not run.\n"
        "  Fix: settle the <<<<<<< marks in test-harness.mk.rej, tests/harness/lock.py, "
        f"then run `{AGAIN}`.\n"
    )
    assert done.returncode == 0


def test_conflicts_fail_a_strict_run(committed: Path) -> None:
    build_tree(committed, {"tests/harness/lock.py": CONFLICT})
    assert check(committed, "--after-update", strict=True).returncode == 1


# --------------------------------------------------------------------------------------- suite


def test_a_green_suite_is_reported(project: Path) -> None:
    done = check(project)
    assert "\nGreen: 1 passed (" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "strict", "status"),
    [([], False, 1), (["--first-run"], False, 0), (["--first-run"], True, 1)],
    ids=["by hand", "of Copier", "of Copier, strict"],
)
def test_a_red_suite_is_reported_with_the_reason_and_fails_all_but_copier(
    project: Path, arguments: list[str], strict: bool, status: int
) -> None:
    build_tree(project, {"tests/test_red.py": "def test_red():\n    import no_such_module\n"})
    done = check(project, *arguments, strict=strict)
    assert "\nRED: 1 failed, 1 passed (" in done.stdout
    assert "\n  The module 'no_such_module' was not found.\n    Fix: install" in done.stdout
    assert done.returncode == status


def test_the_findings_come_before_the_suite_or_after_one_that_came_red(project: Path) -> None:
    assert check(project).stdout.index("OK  as it was") < check(project).stdout.index("1 passed")
    assert "OK  as it was" not in check(project, "--first-run").stdout
    build_tree(project, {"tests/test_red.py": "def test_red():\n    assert False\n"})
    printed = check(project, "--first-run").stdout
    assert printed.index("1 failed") < printed.index("OK  as it was")


def test_a_suite_without_tests_is_not_green(project: Path) -> None:
    (project / "tests" / "test_it.py").unlink()
    assert "\nRED: 0 failed, 0 passed (" in check(project).stdout


def test_an_environment_that_cannot_be_made_is_reported(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    build_tree(project, {"pyproject.toml": "[project\n"})
    done = check(project)
    assert "\nThe suite was not run: `uv pip install ...` failed:\n" in done.stdout
    assert "TOML parse error" in done.stdout
    assert done.stdout.endswith(
        "\n  Fix: mend what it names, or activate an environment that has the packages.\n"
        f"  Then run `{AGAIN}`.\n"
    )
    assert done.returncode == 1


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_ends_in_one_sentence_and_loses_nothing(project: Path) -> None:
    build_tree(
        project,
        {
            "tests/test_slow.py": "import pathlib\nimport time\n\n\ndef test_slow():\n"
            "    pathlib.Path('started').touch()\n    time.sleep(60)\n"
        },
    )
    before = files_of(project)
    with subprocess.Popen(
        [sys.executable, "tests/harness/hook"],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        while not (project / "started").exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert output.endswith(
        f"\nInterrupted. Everything that was rendered is there; run `{AGAIN}` to go on.\n"
    )
    assert errors == ""
    assert process.returncode == 1
    after = files_of(project)
    assert {name: after[name] for name in before} == before
