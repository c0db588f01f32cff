"""Factories are read from over sixty mapped classes, and their rows are saved on each engine."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import folder_for_all
from tests.engine.isolation.test_seam_matrix import mysql_answers
from tests.worlds import ROOT, render, run
from tools.environments import LAYERS, suite_environment

pytestmark = pytest.mark.runs

ZOO = ROOT / "tests" / "zoo" / "zoo"
DRIVERS = {
    ("sqlite", "sync"): "pysqlite",
    ("sqlite", "async"): "aiosqlite",
    ("postgresql", "sync"): "psycopg",
    ("postgresql", "async"): "asyncpg",
    ("mysql", "sync"): "pymysql",
    ("mysql", "async"): "asyncmy",
}
# The mapped classes that have rows, and the test of all of them together.
TESTS = {"sqlite": 80, "postgresql": 81, "mysql": 81}

Render = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folder_for_all(tmp_path_factory, "environment-of-the-zoo")
    return suite_environment(folder / ".venv", sys.executable, *LAYERS)


@pytest.fixture(scope="module")
def zoo(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Return a function that renders the harness beside the zoo."""

    @cache
    def make(engine: str, mode: str) -> Path:
        project = tmp_path_factory.mktemp("zoo") / f"{engine}-{mode}"
        shutil.copytree(ZOO, project / "zoo", ignore=shutil.ignore_patterns("__pycache__"))
        return of_models(template, project, "zoo.models:Base", engine, mode)

    return make


def of_models(
    template: Path, project: Path, metadata: str, engine: str = "sqlite", mode: str = "sync"
) -> Path:
    """Render the harness for mapped classes without an application around them."""
    render(
        template, project, questions="everything", framework="none", auth="none",
        metadata_path=metadata, database_engine=engine, mode=mode,
        database_driver=DRIVERS[engine, mode],
    )  # fmt: skip
    (project / "tests" / "test.env").write_text(f"ZOO_ENGINE={engine}\n")
    return project


def contract(python: Path, project: Path, mode: str = "sync") -> str:
    """Run the checks of factories and return what they print."""
    file = f"tests/checks/test_factories_{mode}.py"
    return run(python, "-m", "pytest", "-q", file, cwd=project, check=False).stdout


def write(python: Path, project: Path) -> str:
    """Write factories and return what that prints."""
    # Said by SQLAlchemy before PostgreSQL 18, whenever the tables are made and not copied.
    quiet = ("-W", "ignore:Computed column:sqlalchemy.exc.SAWarning")
    return run(python, "-m", "pytest", "-qq", "-s", *quiet, "--write-factories", cwd=project).stdout


@pytest.mark.parametrize(("engine", "mode"), DRIVERS)
def test_twenty_rows_of_each_class_are_saved(
    python: Path, zoo: Render, engine: str, mode: str
) -> None:
    if engine == "mysql" and not mysql_answers():
        pytest.skip("no MySQL or MariaDB server answers on this machine")
    project = zoo(engine, mode)
    shutil.rmtree(project / "tests" / "factories", ignore_errors=True)
    read = contract(python, project, mode)
    assert re.search(rf"^{TESTS[engine] + 1} passed", read, re.MULTILINE), read
    write(python, project)
    written = contract(python, project, mode)
    assert re.search(rf"^{TESTS[engine] + 1} passed", written, re.MULTILINE), written


def test_what_is_written_is_formatted_and_declares_everything(python: Path, zoo: Render) -> None:
    project = zoo("postgresql", "sync")
    write(python, project)
    config = ROOT / "tests" / "template" / "rendered-ruff.toml"
    folder = project / "tests" / "factories"
    run("ruff", "format", "--no-cache", "--check", "--line-length=100", folder, cwd=project)
    run("ruff", "check", "--no-cache", "--config", config, "--ignore=I001", folder, cwd=project)
    assert write(python, project) == "Every mapped class has a factory.\n\n"


def test_texts_say_what_their_column_is_for_in_sqlmodel_too(python: Path, zoo: Render) -> None:
    project = zoo("postgresql", "sync")
    write(python, project)
    factories = (project / "tests" / "factories" / "sqlmodels.py").read_text()
    assert 'email = Sequence(lambda n: f"hero{n}@example.com")' in factories
