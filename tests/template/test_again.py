"""A project that has the harness gets no second one, and `copier recopy` keeps what is its own."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from extensions.questions.present import harness_in
from tests.terminal import Terminal
from tests.worlds import (
    ANSWERS_FILE,
    build_tree,
    commit_all,
    copier,
    files_of,
    questions,
    render,
    run,
)

HERE = (
    "The test harness is here already, in tests, and nothing was changed: `make -f test-harness.mk "
    "harness-update` brings it to the newest version of its template, and `copier recopy --trust "
    f"-a {ANSWERS_FILE}` asks its questions anew."
)
BACKEND = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/models.py": "from sqlalchemy.orm import DeclarativeBase\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n",
}
ADOPTED = {"database_engine": "sqlite", "mode": "sync"}
MINE = "\n# Mine.\n"
"""What a person adds to a file of theirs."""
EDITED = ["tests/conftest.py", "tests/test.env", "tests/scenarios.py", "tests/ruff.toml"]
EDITED_OF_THE_SAMPLE = [
    "app/main.py",
    "migrations/env.py",
    "alembic.ini",
    "pyproject.toml",
    "pytest.ini",
    "Makefile",
    "tests/conftest.py",
    "tests/factories/item.py",
    "tests/test.env",
    "tests/api/test_items.py",
    "tests/unit/test_passwords.py",
]


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = build_tree(tmp_path_factory.mktemp("adopted") / "project", BACKEND)
    render(template, project, **ADOPTED)
    commit_all(project)
    return project


@pytest.fixture
def adopted(rendered: Path, tmp_path: Path) -> Path:
    return shutil.copytree(rendered, tmp_path / "project")


def append_to(project: Path, names: list[str]) -> dict[str, bytes]:
    for name in names:
        path = project / name
        path.write_text(path.read_text(encoding="utf-8") + MINE, encoding="utf-8")
    commit_all(project)
    return {name: (project / name).read_bytes() for name in names}


@pytest.mark.parametrize(
    "given",
    [[], ["--defaults", "--overwrite"], ["--defaults", "--data", "tests_dir=qa"]],
    ids=["asked", "overwrite", "elsewhere"],
)
def test_a_second_copy_names_the_update_and_changes_nothing(
    template: Path, adopted: Path, given: list[str]
) -> None:
    before = files_of(adopted)
    done = copier("copy", "--trust", *given, template, adopted, cwd=adopted.parent, check=False)
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == HERE
    assert files_of(adopted) == before


def test_a_second_copy_of_what_lost_its_answers_says_how_they_come_back(
    template: Path, adopted: Path
) -> None:
    (adopted / ANSWERS_FILE).unlink()
    commit_all(adopted)
    done = copier(
        "copy", "--trust", "--defaults", template, adopted, cwd=adopted.parent, check=False
    )
    assert f"Bring {ANSWERS_FILE} back with `git checkout`" in done.stdout.splitlines()[-1]


def test_a_harness_that_was_removed_can_be_copied_again(template: Path, adopted: Path) -> None:
    before = files_of(adopted)
    run("git", "rm", "-rq", "tests", "pytest.ini", "test-harness.mk", ".github", cwd=adopted)
    commit_all(adopted)
    render(template, adopted, **ADOPTED)
    assert files_of(adopted).keys() == before.keys()


def test_a_file_of_somebody_else_with_our_name_is_no_harness(tmp_path: Path) -> None:
    build_tree(tmp_path, {"deploy/harness.toml": "[pipeline]\n"})
    assert harness_in(tmp_path) == ""


def test_recopy_keeps_what_belongs_to_the_user_of_an_adopted_backend(adopted: Path) -> None:
    files = {**append_to(adopted, EDITED), "app/main.py": BACKEND["app/main.py"].encode()}
    (adopted / "tests" / "checks" / "test_infrastructure.py").unlink()
    (adopted / "tests" / "test.env").unlink()
    done = copier(
        "recopy", "--trust", "--defaults", "--overwrite", "-a", ANSWERS_FILE,
        "--data", "health_path=/well", cwd=adopted,
    )  # fmt: skip
    assert "The test harness is here already, in tests.\n" in done.stdout
    assert "No file that is here already will be changed" not in done.stdout
    assert "those that are yours were left alone." in done.stdout
    after = files_of(adopted)
    assert after.pop("tests/test.env")  # it was missing
    del files["tests/test.env"]
    assert {name: after[name] for name in files} == files
    assert b'health_path = "/well"' in after["tests/harness.toml"]
    assert "tests/checks/test_infrastructure.py" in after


def test_recopy_as_it_is_called_at_a_terminal_asks_for_nothing_of_the_users(
    adopted: Path,
) -> None:
    files = append_to(adopted, EDITED)
    command = (sys.executable, "-m", "copier", "recopy", "--trust", "-A", "-a", ANSWERS_FILE)
    with Terminal(*command, cwd=adopted) as terminal:
        terminal.wait_for("those that are yours were left alone.")
        assert not [line for line in terminal.lines if "Overwrite" in line]
    assert {name: files_of(adopted)[name] for name in files} == files


def test_recopy_keeps_what_belongs_to_the_user_of_a_sample(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project")
    files = append_to(project, EDITED_OF_THE_SAMPLE)
    copier("recopy", "--trust", "--defaults", "--overwrite", "-a", ANSWERS_FILE, cwd=project)
    after = files_of(project)
    assert {name: after[name] for name in files} == files


def test_recopy_keeps_all_that_an_update_leaves_alone() -> None:
    files = questions()
    left_alone = {
        re.sub(r"{%.*?%}", "", line)
        for line in files["_exclude"]
        if "_copier_operation == 'update'" in line
    }
    # Which of the two it is, an update does not know here.
    left_alone.remove("/{{ pytest_ini }}")
    left_alone |= {"/pytest.ini", "/{{ tests_dir }}/pytest.ini"}
    assert left_alone == {re.sub(r"{%.*?%}", "", line) for line in files["_skip_if_exists"]}


def test_layers_and_the_gate_that_a_project_has_are_kept(template: Path, tmp_path: Path) -> None:
    layers = {f"app/{name}/__init__.py": "" for name in ("routers", "services")}
    layers |= {f"app/{name}/users.py": "def find(): ...\n" for name in ("routers", "services")}
    tox = "[testenv]\ncommands = pytest --cov=app --cov-fail-under=72\n"
    project = build_tree(tmp_path / "project", {**BACKEND, **layers, "tox.ini": tox})
    render(template, project, **ADOPTED)
    settings = (project / "tests/harness.toml").read_text(encoding="utf-8")
    assert '[targets]\nlayers = "app/services=85 app/routers=80"\n' in settings
    assert "fail_under = 72\n" in (project / "tests/coverage.ini").read_text(encoding="utf-8")


def test_what_is_excluded_needs_nothing_that_older_versions_lack() -> None:
    # Copier renders these lines with the extension of the version that an update starts from too.
    files = questions()
    assert [line for line in files["_exclude"] if re.search(r"{%.*\|.*%}", line)] == []
