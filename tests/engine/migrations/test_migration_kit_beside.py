"""pytest-alembic beside the kit: by an answer, by hand, and where a project has it for itself."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.worlds import build_tree, commit_all, git, render, run
from tools.environments import suite_environment

BESIDE = """\
from pathlib import Path

import pytest
from pytest_alembic.tests import *  # noqa: F403
from sqlalchemy import create_engine, inspect


@pytest.fixture
def alembic_config():
    return {"file": str(Path(__file__).parents[1] / "alembic.ini")}


@pytest.fixture
def alembic_engine(app, empty_database):
    engine = create_engine("sqlite:///production.sqlite3")
    yield engine
    engine.dispose()


def test_the_runner_goes_where_it_is_told(alembic_runner, alembic_engine):
    alembic_runner.migrate_up_to("0002")
    assert "items" in inspect(alembic_engine).get_table_names()
    alembic_runner.migrate_down_to("base")
    assert "items" not in inspect(alembic_engine).get_table_names()
"""
# A suite of a project that knows nothing of the harness.
CONFTEST = """\
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine

os.environ.update(DATABASE_URL="sqlite:///own.sqlite3", SECRET_KEY="own" * 11)


@pytest.fixture
def alembic_engine():
    yield create_engine(os.environ["DATABASE_URL"])
    Path("own.sqlite3").unlink(missing_ok=True)
"""
OWN = {
    "tests/conftest.py": CONFTEST,
    "tests/test_own.py": "def test_own():\n    assert 1 + 1 == 2\n",
}
BUILT_IN = "tests/checks/test_pytest_alembic.py"
KIT = "tests/checks/test_migrations.py"
# In a revision: what is wrong with it, and which test says so where both run.
FAULTS = {
    "downgrade": (
        "0001_create_organisations.py",
        'op.drop_table("organisations")',
        'op.drop_table("organisation")',
        "test_each_downgrade_undoes_its_upgrade",
    ),
    "models": (
        "0002_create_items.py",
        "sa.String(100)",
        "sa.String(99)",
        "test_migrations_match_the_models",
    ),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    return suite_environment(folder, sys.executable, "pytest>=9.2", "pytest-alembic")


@pytest.fixture(scope="module")
def answered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with the answer."""
    project = tmp_path_factory.mktemp("answered") / "project"
    render(template, project, database_engine="sqlite", pytest_alembic=True)
    commit_all(project)
    return project


def suite(python: Path, project: Path, *arguments: str) -> str:
    return run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments,
        cwd=project, check=False,
    ).stdout  # fmt: skip


@pytest.mark.runs
def test_the_tests_of_pytest_alembic_pass_beside_the_kit(
    template: Path, tmp_path: Path, python: Path
) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-sync-sqlite")
    assert not (project / BUILT_IN).exists()
    build_tree(project, {"tests/test_beside.py": BESIDE})
    with sqlite3.connect(project / "production.sqlite3") as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = (project / "production.sqlite3").read_bytes()
    said = suite(python, project, "tests/test_beside.py")
    assert re.search(r"^5 passed", said, re.MULTILINE), said
    assert (project / "production.sqlite3").read_bytes() == before


@pytest.mark.runs
def test_an_answer_brings_its_tests_with_or_without_its_plugin(
    answered: Path, python: Path
) -> None:
    requirements = (answered / "tests" / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(r"^test-harness\[[\w,]*alembic\]", requirements, re.MULTILINE)
    for off in ((), ("-p", "no:pytest_alembic")):
        said = suite(python, answered, *off, BUILT_IN, KIT)
        assert re.search(r"^18 passed", said, re.MULTILINE), said
        assert "leave behind" not in said


@pytest.mark.runs
@pytest.mark.parametrize("fault", FAULTS)
def test_what_both_say_is_said_once(answered: Path, python: Path, fault: str) -> None:
    file, right, wrong, of_the_kit = FAULTS[fault]
    revision = answered / "migrations" / "versions" / file
    text = revision.read_text(encoding="utf-8")
    assert right in text
    revision.write_text(text.replace(right, wrong), encoding="utf-8")
    both, alone = suite(python, answered, BUILT_IN, KIT), suite(python, answered, BUILT_IN)
    harness = answered / "tests" / "harness.toml"
    text = harness.read_text(encoding="utf-8").replace('downgrades = ""', 'downgrades = "0001"')
    harness.write_text(text, encoding="utf-8")
    accepted = suite(python, answered, BUILT_IN)
    git(answered, "checkout", "--quiet", ".")
    assert re.findall(r"^FAILED \S+::(\w+)", both, re.MULTILINE) == [of_the_kit]
    assert f"{of_the_kit} of the kit says it" in both
    assert re.search(r"^1 failed, 3 passed", alone, re.MULTILINE), alone
    ends = "4 passed" if fault == "downgrade" else "1 failed, 3 passed"
    assert re.search(rf"^{ends}", accepted, re.MULTILINE), accepted


@pytest.mark.runs
@pytest.mark.parametrize("version", ["pytest<9.2", "pytest>=9.2"])
def test_a_project_that_has_it_for_itself_goes_on_as_before(
    template: Path, tmp_path: Path, version: str
) -> None:
    sample = render(template, tmp_path / "sample", answers_file="fastapi-sync-sqlite")
    project = build_tree(tmp_path / "project", OWN)
    for name in ("app", "migrations"):
        shutil.copytree(sample / name, project / name)
    shutil.copy(sample / "alembic.ini", project)
    python = suite_environment(tmp_path / ".venv", sys.executable, version, "pytest-alembic")
    before = _ends(suite(python, project, "--test-alembic"))
    assert before == (["5 passed"] if version == "pytest<9.2" else ["1 error"])
    render(template, project)
    assert (project / "tests_harness" / "conftest.py").exists()
    assert _ends(suite(python, project, "--test-alembic")) == before
    ours = suite(python, project, "tests_harness/checks/test_migrations.py")
    assert re.search(r"^14 passed", ours, re.MULTILINE), ours


def _ends(said: str) -> list[str]:
    return re.findall(r"^(\d+ (?:passed|failed|error).*) in ", said, re.MULTILINE)
