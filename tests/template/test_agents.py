"""What agents are told in a rendered project is so: its commands, its files, its fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.commands.main import COMMANDS
from tests.worlds import build_tree, render, run

BACKEND = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/models.py": "from sqlalchemy.orm import DeclarativeBase\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n",
    "tests/test_own.py": "def test():\n    pass\n",
}


@pytest.fixture(scope="module", params=["sample", "adopted"])
def project(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("agents") / "project"
    if request.param == "sample":
        return render(template, folder)
    return render(template, build_tree(folder, BACKEND), database_engine="sqlite", mode="sync")


@pytest.fixture
def text(project: Path) -> str:
    [path] = project.glob("*/AGENTS.md")
    return path.read_text(encoding="utf-8")


def test_it_is_short(text: str) -> None:
    assert len(text.splitlines()) <= 40


def test_its_commands_are_there(project: Path, text: str) -> None:
    for target in re.findall(r"`make (?:-f \S+ )?([a-z-]+)`", text):
        run("make", "-n", "-f", "test-harness.mk", target, cwd=project)
    named = re.findall(r"`test-harness ([a-z-]+)`", text)
    assert {*named} == {"routes", "flakes"}
    assert {*named} <= {*COMMANDS}


def test_its_files_are_in_the_readme(project: Path, text: str) -> None:
    [readme] = project.glob("*/AGENTS.md")
    about = readme.with_name("README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([\w.]+\.(?:toml|txt|env))`", text):
        assert f"`{name}`" in about or (readme.parent / name).exists(), name
    for fixture in ("db", "client", "clock", "override", "assert_status"):
        assert f"`{fixture}" in text
        assert f"`{fixture}" in about
