"""What the harness cannot work with is told from what it can, by what a project asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.discovery import Facts, discover
from tests.discovery.snippets import APP
from tests.worlds import build_tree

LOCK = '[[package]]\nname = "sqlalchemy"\nversion = "{}"\n'


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"requirements.txt": "SQLAlchemy==1.4.54\n"}, "requirements.txt:1"),
        ({"requirements.txt": "flask\nsqlalchemy[asyncio]>=1.3,<2.0\n"}, "requirements.txt:2"),
        ({"requirements/base.txt": "sqlalchemy<2 # as it was\n"}, "requirements/base.txt:1"),
        ({"requirements.txt": "sqlalchemy~=1.4\n"}, "requirements.txt:1"),
        ({"uv.lock": LOCK.format("1.4.52")}, "uv.lock:2"),
        (
            {"poetry.lock": LOCK.format("1.4.52"), "requirements.txt": "sqlalchemy>=1.4\n"},
            "poetry.lock:2",
        ),
        (
            {"Pipfile.lock": '{"sqlalchemy": {"hashes": [], "version": "==1.4.0"}}'},
            "Pipfile.lock:1",
        ),
        ({"pyproject.toml": '[project]\ndependencies = ["sqlalchemy<2"]\n'}, "pyproject.toml:2"),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^1.4"\n'},
            "pyproject.toml:2",
        ),
        (
            {
                "pyproject.toml": "[tool.poetry.dependencies]\n"
                'SQLAlchemy = {extras = ["asyncio"], version = "1.4.41"}\n'
            },
            "pyproject.toml:2",
        ),
        ({"setup.py": "setup(install_requires=['sqlalchemy>=1.3, <1.5'])\n"}, "setup.py:1"),
    ],
)
def test_sqlalchemy_below_2_is_told(tmp_path: Path, files: dict[str, str], where: str) -> None:
    said = Facts(build_tree(tmp_path, {"app/main.py": APP, **files})).too_old
    assert said.startswith("The project has SQLAlchemy ")
    assert f"({where})" in said


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "sqlalchemy\n"},
        {"requirements.txt": "sqlalchemy>=1.4\n"},
        {"requirements.txt": "sqlalchemy>=1.4,<3\n"},
        {"requirements.txt": "sqlalchemy==2.0.1\n"},
        {"requirements.txt": "sqlalchemy>=1.4,<2.1\n"},
        {"requirements.txt": "sqlalchemy-utils<1\nflask-sqlalchemy==1.9\n"},
        {"requirements.txt": "# sqlalchemy<2\n"},
        # Of what is installed a lock says more than what was asked for.
        {"uv.lock": LOCK.format("2.0.40"), "requirements.txt": "sqlalchemy==1.4.1\n"},
        # Two that differ: nobody knows which counts.
        {"requirements.txt": "sqlalchemy==2.0.1\n", "requirements-old.txt": "sqlalchemy==1.4.1\n"},
        {"docs/requirements.txt": "sqlalchemy==1.4.1\n"},
        {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^2.0"\n'},
    ],
)
def test_sqlalchemy_that_may_be_2_is_no_obstacle(tmp_path: Path, files: dict[str, str]) -> None:
    assert Facts(build_tree(tmp_path, {"app/main.py": APP, **files})).too_old == ""


@pytest.mark.parametrize(
    ("wanted", "is_too_old"),
    [
        (">=3.6,<3.10", True),
        (">=3.8,<3.9", True),
        ("==3.8.*", True),
        ("~=3.8.1", True),
        ("<=3.9", True),
        (">=3.8", False),
        (">=3.8,<4", False),
        (">=3.8,<3.11", False),
        ("~=3.8", False),
        ("==3.11.*", False),
        (">=3.10,<3.14", False),
    ],
)
def test_a_range_of_pythons_is_an_obstacle_if_none_of_them_is_new_enough(
    tmp_path: Path, wanted: str, is_too_old: bool
) -> None:
    project = f'[project]\nname = "app"\nrequires-python = "{wanted}"\n'
    said = Facts(build_tree(tmp_path, {"app/main.py": APP, "pyproject.toml": project})).too_old
    assert said.startswith(f"The project allows Python {wanted} ") == is_too_old


@pytest.mark.parametrize(
    ("wanted", "is_too_old"), [("^3.8", False), ("~3.9", True), ("3.9.*", True)]
)
def test_a_range_as_poetry_writes_it(tmp_path: Path, wanted: str, is_too_old: bool) -> None:
    project = f'[tool.poetry.dependencies]\npython = "{wanted}"\n'
    facts = Facts(build_tree(tmp_path, {"app/main.py": APP, "pyproject.toml": project}))
    assert bool(facts.too_old) == is_too_old


def test_the_python_that_a_developer_has_is_no_obstacle(tmp_path: Path) -> None:
    build_tree(tmp_path, {"app/main.py": APP, ".python-version": "3.8\n"})
    assert Facts(tmp_path).too_old == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("from tortoise import fields\n", "Tortoise ORM (app/db.py:1)"),
        ("import os\nfrom peewee import Model\n", "Peewee (app/db.py:2)"),
        ("from motor.motor_asyncio import AsyncIOMotorClient\n", "Motor (app/db.py:1)"),
        ("def connect():\n    import sqlite3\n", "sqlite3 (app/db.py:2)"),
    ],
)
def test_other_ways_to_keep_data_are_told(tmp_path: Path, code: str, said: str) -> None:
    found = discover(build_tree(tmp_path, {"app/main.py": APP, "app/db.py": code}))
    assert said in found["other_data"]
    assert not found["no_database"]


def test_sqlalchemy_beside_a_driver_is_what_counts(tmp_path: Path) -> None:
    code = "import asyncpg\nfrom sqlalchemy import MetaData\n"
    found = discover(build_tree(tmp_path, {"app/main.py": APP, "app/db.py": code}))
    assert (found["other_data"], found["no_database"]) == ("", False)


def test_an_application_that_keeps_nothing_has_no_database(tmp_path: Path) -> None:
    found = discover(
        build_tree(tmp_path, {"app/main.py": APP, "tests/test_it.py": "import sqlite3\n"})
    )
    assert (found["other_data"], found["no_database"]) == ("", True)


def test_code_without_an_application_says_nothing_about_a_database(tmp_path: Path) -> None:
    assert not discover(build_tree(tmp_path, {"tool.py": "print(1)\n"}))["no_database"]
