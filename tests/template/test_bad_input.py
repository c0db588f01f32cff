"""What cannot work is refused in one sentence that says what to do, and nothing is lost."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.worlds import (
    ANSWERS,
    ANSWERS_FILE,
    ROOT,
    build_tree,
    commit_all,
    copier,
    environment,
    files_of,
    git,
    render,
    run,
)

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ORDERS: dict[str, Any] = yaml.safe_load((ANSWERS / "orders.yml").read_text(encoding="utf-8"))
BACKEND = {"app/main.py": "app = None\n"}

# Root may write everywhere, whatever the permissions say, until it gives this up.
WITHOUT_OVERRIDE = (
    "import ctypes, os, sys\n"
    "CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24\n"
    "assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) == 0\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


def refusal(
    template: Path, destination: Path, answers: Mapping[str, Any] | None = None, *options: str
) -> str:
    """Render with answers from a file, and return all that was said instead of rendering."""
    file = destination.parent / "given answers.yml"
    file.write_text(yaml.safe_dump({"run_suite": False, **(answers or {})}), encoding="utf-8")
    done = copier(
        "copy", "--trust", "--defaults", "--quiet", "--data-file", file, *options,
        template, destination,
        cwd=destination.parent, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    return plain(done)


def plain(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed, without colours."""
    return COLOUR.sub("", done.stdout).strip()


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    """A folder that is not there."""
    return tmp_path / "project"


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    return build_tree(tmp_path / "backend", BACKEND)


# ------------------------------------------------------------------------------------ answers


def test_an_unknown_answer_is_refused_with_the_nearest_question(
    template: Path, destination: Path
) -> None:
    assert refusal(template, destination, {"framwork": "fastapi"}) == (
        "There is no question 'framwork' that the given answers could answer: "
        "did you mean 'framework'?"
    )
    assert not destination.exists()


def test_an_unknown_answer_that_resembles_no_question_is_to_be_deleted(
    template: Path, destination: Path
) -> None:
    assert refusal(template, destination, {"xyzzy": 1}) == (
        "There is no question 'xyzzy' that the given answers could answer: delete it."
    )


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            {"mode": "sync", "database_driver": "aiosqlite"},
            "database_driver: aiosqlite is a driver for async applications, but this one is sync: "
            "use pysqlite, or answer async.",
        ),
        (
            {"database_engine": "sqlite", "mode": "async", "database_driver": "asyncpg"},
            "database_driver: asyncpg is a driver for postgresql, not for sqlite: use aiosqlite.",
        ),
        (
            {"database_engine": "mysql", "mode": "sync", "database_driver": "aiomysql"},
            "database_driver: aiomysql is a driver for async applications, but this one is sync: "
            "use pymysql, or answer async.",
        ),
        (
            {"database_driver": "mysqldb"},
            "database_driver: 'mysqldb' is not supported: use aiosqlite.",
        ),
        (
            {"auth": "none", "suites": ["health", "auth"]},
            "suites: The auth and flow checks need a way to log in: leave them out, or answer the "
            "question about credentials.",
        ),
        (
            {"sample_application": False},
            "There is no Python application in the destination: answer yes, or name the folder of "
            "a backend as the destination.",
        ),
        (
            {"framework": "starlette"},
            "framework: There is no sample application in starlette: answer fastapi or flask or "
            "litestar.",
        ),
        (
            {"ci_provider": "jenkins"},
            "ci_provider: 'jenkins' is not in ['github', 'gitlab', 'none']",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_answers_that_cannot_be_are_refused(
    template: Path, destination: Path, answers: dict[str, Any], message: str
) -> None:
    assert refusal(template, destination, answers) == message
    assert not destination.exists()


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            "app_path",
            "Write module:name, for example app.main:app, or app.main:create_app('testing') for a "
            "function.",
        ),
        (
            "metadata_path",
            "Write module:name, for example app.models:Base, or none where there is no database.",
        ),
        ("user_model", "Write module:Class, for example app.models.user:User."),
        (
            "password_hasher",
            "Write module:function, for example app.security:hash_password, or "
            "module:Class.method, for example app.models:User.set_password.",
        ),
        ("login_path", "Write a path that starts with /, for example /auth/login."),
        ("protected_path", "Write a path that starts with /, for example /users/me."),
    ],
)
def test_a_missing_answer_is_named_with_what_to_write(
    template: Path, backend: Path, question: str, message: str
) -> None:
    answers = {name: answer for name, answer in ORDERS.items() if name != question}
    assert refusal(template, backend, answers) == f"{question}: {message}"
    assert files_of(backend) == {name: text.encode() for name, text in BACKEND.items()}


SHOP = {"shop/main.py": "from fastapi import FastAPI\n\nfrom shop import db\n\napp = FastAPI()\n"}


@pytest.mark.parametrize(
    ("files", "problem", "fix"),
    [
        (
            {"requirements.txt": "fastapi\nsqlalchemy==1.4.54\n"},
            "The project has SQLAlchemy ==1.4.54 (requirements.txt:2), and the test harness works "
            "from 2.0 on: ",
            "bring it to 2.0 first, as https://docs.sqlalchemy.org/20/changelog/migration_20.html "
            "says.",
        ),
        (
            {
                "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.7,<3.10"\n'
                'dependencies = ["fastapi", "sqlalchemy"]\n'
            },
            "The project allows Python >=3.7,<3.10 (pyproject.toml:3) only, and the test harness "
            "works from 3.10 on: ",
            "raise that range, if the code runs there, and give the tests an environment of their "
            "own with `uv venv --seed --python 3.12 tests/.venv` if the project cannot have a "
            "newer one yet.",
        ),
        (
            {"shop/db.py": "import peewee\n"},
            "The application keeps its data with Peewee (shop/db.py:1) and without SQLAlchemy, "
            "which is what the test harness takes hold of to keep tests apart. ",
            "Answer --data metadata_path=module:name if it does use SQLAlchemy, or --data "
            "metadata_path=none for the checks that need no database.",
        ),
    ],
    ids=["SQLAlchemy 1.4", "Python 3.9", "another ORM"],
)
def test_what_cannot_be_tested_is_refused_before_anything_is_written(
    template: Path, tmp_path: Path, files: dict[str, str], problem: str, fix: str
) -> None:
    backend = build_tree(tmp_path / "shop", {"shop/db.py": "", **SHOP, **files})
    before = files_of(backend)
    assert refusal(template, backend) == problem + fix
    assert files_of(backend) == before


def test_only_refusals_are_shortened() -> None:
    program = (
        "from extensions.questions.refusals import show_refusals_briefly\n"
        "show_refusals_briefly()\n"
        "raise ValueError('something else')\n"
    )
    done = run(sys.executable, "-c", program, cwd=ROOT, check=False)
    assert done.stdout.startswith("Traceback (most recent call last):")


# --------------------------------------------------------------------------------- destination


def test_a_destination_that_cannot_be_written_to_is_refused(template: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    command = (
        sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "--quiet",
        template, closed / "project",
    )  # fmt: skip
    as_one_who_may_not = (sys.executable, "-c", WITHOUT_OVERRIDE) if os.geteuid() == 0 else ()
    done = run(*as_one_who_may_not, *command, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert plain(done) == (
        f"{closed} cannot be written to: change its permissions or name another one."
    )


def test_a_destination_that_is_a_file_is_refused(template: Path, destination: Path) -> None:
    destination.write_text("mine")
    assert refusal(template, destination) == (
        f"{destination} is a file: name a folder as the destination."
    )
    assert destination.read_text() == "mine"


def test_a_destination_with_uncommitted_changes_is_refused(template: Path, backend: Path) -> None:
    commit_all(backend)
    (backend / "app" / "main.py").write_text("app = 'changed'\n")
    assert refusal(template, backend, ORDERS) == (
        "The destination has uncommitted changes (app/main.py): commit or stash them, so that what "
        "is added can be told from them."
    )
    assert files_of(backend) == {"app/main.py": b"app = 'changed'\n"}


def test_a_folder_for_the_harness_that_has_files_is_refused(template: Path, backend: Path) -> None:
    build_tree(backend, {"qa/notes.txt": "mine"})
    assert refusal(template, backend, {**ORDERS, "tests_dir": "qa"}, "--overwrite") == (
        "tests_dir: qa is there already and stays as it is: choose another, say qa_harness."
    )
    assert (backend / "qa" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("app", "app is a folder of the sample application: choose another, say tests."),
        ("migrations", "migrations is a folder of the sample application: choose another, say "),
        ("test_harness", "test_harness is what the engine is called: choose another, say tests_"),
        ("../outside", "Write one folder name of small letters, digits and underscores"),
        ("/outside", "Write one folder name of small letters, digits and underscores"),
        ("a/b", "Write one folder name of small letters, digits and underscores"),
    ],
)
def test_a_folder_that_is_somebody_elses_is_refused(
    template: Path, destination: Path, folder: str, says: str
) -> None:
    assert f"tests_dir: {says}" in refusal(template, destination, {"tests_dir": folder})
    assert not destination.exists()


def test_an_update_does_not_move_the_harness_into_the_application(
    template: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project")
    commit_all(project)
    before = files_of(project)
    done = copier(
        "update", "--trust", "--defaults", "--answers-file", ANSWERS_FILE,
        "--data", "tests_dir=app", cwd=project, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "tests_dir: app is " in done.stdout
    assert files_of(project) == before


def test_the_folder_of_the_own_tests_is_refused(template: Path, backend: Path) -> None:
    build_tree(backend, {"tests/test_mine.py": "def test_mine(): pass\n"})
    assert refusal(template, backend, {**ORDERS, "tests_dir": "tests"}) == (
        "tests_dir: tests has your own tests, which stay as they are: choose another folder, for "
        "example tests_harness."
    )


@pytest.mark.parametrize("files", [{}, BACKEND], ids=["sample", "backend"])
def test_files_that_are_there_are_never_overwritten(
    template: Path, destination: Path, files: dict[str, str]
) -> None:
    build_tree(
        destination,
        {
            **files,
            "Makefile": "mine:\n\techo mine\n",
            "pytest.ini": "[pytest]\naddopts = -q\n",
            "pyproject.toml": '[project]\nname = "mine"\nversion = "1"\n',
            ".gitignore": "/mine\n",
            "tests/README.md": "Mine.\n",
        },
    )
    before = files_of(destination)
    given: list[str | Path] = ["--data-file", ANSWERS / "orders.yml"] if files else []
    copier(
        "copy", "--trust", "--defaults", "--quiet", "--overwrite", "--data", "run_suite=false",
        *given, template, destination,
        cwd=destination.parent,
    )  # fmt: skip
    after = files_of(destination)
    assert {name: after[name] for name in before} == before
    assert ANSWERS_FILE in after


@pytest.mark.runs
def test_a_strange_destination_works(template: Path, tmp_path: Path, suite_python: Path) -> None:
    project = render(template, tmp_path / 'it\'s "été" 日本')
    build_tree(project, {".venv/bin/python": f'#!/bin/sh\nexec "{suite_python}" "$@"\n'})
    (project / ".venv" / "bin" / "python").chmod(0o755)
    done = run(suite_python, "-m", "test_harness", "check", cwd=project)
    assert "\nGreen: " in done.stdout


# --------------------------------------------------------------------------------------- tools


def test_without_trust_copier_says_what_to_add(template: Path, destination: Path) -> None:
    done = copier("copy", "--defaults", template, destination, cwd=destination.parent, check=False)
    assert done.returncode == 4
    assert plain(done) == (
        "Template uses potentially unsafe features: jinja_extensions, tasks.\n"
        "If you trust this template, consider adding the `--trust` option when running "
        "`copier copy/update`."
    )
    assert not destination.exists()


def test_without_the_extension_package_copier_names_it(template: Path, destination: Path) -> None:
    environment = destination.parent / "copier alone"
    version = importlib.metadata.version("copier")
    run("uv", "venv", "--quiet", "--python", sys.executable, environment, cwd=destination.parent)
    python = environment / "bin" / "python"
    run(
        "uv", "pip", "install", "--quiet", "--python", python, f"copier=={version}",
        cwd=destination.parent,
    )  # fmt: skip
    done = run(
        python, "-m", "copier", "copy", "--trust", "--defaults", template, destination,
        cwd=destination.parent, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert plain(done).splitlines()[:3] == [
        "Copier could not load some Jinja extensions:",
        "No module named 'copier_template_extensions'",
        "Make sure to install these extensions alongside Copier itself.",
    ]
    assert not destination.exists()


def test_an_old_copier_is_told_which_one_is_needed(
    template: Path, destination: Path, tmp_path: Path
) -> None:
    demanding = Path(shutil.copytree(template, tmp_path / "template"))
    text = (demanding / "copier.yml").read_text(encoding="utf-8")
    (demanding / "copier.yml").write_text(
        re.sub(r"(?m)^_min_copier_version: .*$", '_min_copier_version: "99"', text),
        encoding="utf-8",
    )
    commit_all(demanding)
    git(demanding, "tag", "v99.1.0")
    version = importlib.metadata.version("copier")
    assert refusal(demanding, destination) == (
        f"This template requires Copier version >= 99, while your version of Copier is {version}."
    )
    assert not destination.exists()


def test_an_interruption_while_files_are_written_leaves_nothing(
    template: Path, tmp_path: Path
) -> None:
    destination = tmp_path / "project"
    with subprocess.Popen(
        [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", template, destination],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment(),
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(COLOUR.sub("", line))
            if said[-1].lstrip().startswith("create"):
                process.send_signal(signal.SIGINT)
                break
        said += [COLOUR.sub("", line) for line in process.stderr]
    assert process.returncode == 1
    assert said[-1] == (
        "Interrupted while files were written. A folder that was made for them is removed; from "
        "one that was there before remove them with `git clean -d`, and start again.\n"
    )
    assert not destination.exists()


@pytest.mark.parametrize("name", ["test-harness.mk", ".github/workflows/test-harness.yml"])
def test_a_file_of_a_name_that_the_template_needs_is_named(
    template: Path, backend: Path, name: str
) -> None:
    build_tree(backend, {name: "mine\n"})
    before = files_of(backend)
    assert refusal(template, backend, {}) == (
        f"{name} is there already and stays as it is: rename it."
    )
    assert files_of(backend) == before
