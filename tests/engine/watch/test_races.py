"""Races on servers and files: each kind is caught by its name, and its healthy twin passes.

Each cell runs `tests/race_use` in a rendered project, where a shop does everything right and wrong.
`ROUNDS` in the environment has what is right raced for as often as it says.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.engine.isolation.test_seam_matrix import mysql_answers
from tests.worlds import ROOT, build_tree, render, run

pytestmark = pytest.mark.runs

USE = ROOT / "tests" / "race_use"

# The driver and the mode of each cell, how many races are right, and how many are wrong or skipped.
CELLS = {
    "sqlite": ("aiosqlite", "async", 7, "5 passed, 2 skipped"),
    "postgresql": ("asyncpg", "async", 8, "7 passed"),
    "mysql": ("pymysql", "sync", 8, "7 passed"),
}
# The address of a file has no host.
ELSEWHERE = {"sqlite": ""}


@pytest.mark.parametrize("engine", CELLS)
def test_each_race_is_called_by_its_name(
    template: Path, suite_python: Path, tmp_path: Path, engine: str
) -> None:
    if engine == "mysql" and not mysql_answers():
        pytest.skip("no MySQL or MariaDB server answers on this machine")
    driver, mode, right, wrong = CELLS[engine]
    rounds = os.environ.get("ROUNDS", "1")
    build_tree(tmp_path / "shop", {"app/__init__.py": ""})
    shutil.copy(USE / "models.py", tmp_path / "shop" / "app" / "models.py")
    shutil.copy(USE / f"shop_{mode}.py", tmp_path / "shop" / "app" / "main.py")
    shop = render(
        template,
        tmp_path / "shop",
        questions="everything",
        framework="fastapi",
        app_path="app.main:app",
        metadata_path="app.models:Base",
        database_engine=engine,
        database_driver=driver,
        mode=mode,
        auth="none",
        suites=[],
        ci_provider="none",
    )
    shutil.copy(USE / f"use_{mode}.py", shop / "tests" / "test_use.py")
    done = run(
        suite_python, "-m", "pytest", "-q", "tests/test_use.py",
        cwd=shop,
        DATABASE_URL=f"{engine}+{driver}://{ELSEWHERE.get(engine, 'x@production.invalid')}/shop",
        ROUNDS=rounds,
    )  # fmt: skip
    outcome = re.search(r"^(.*) in [\d.]+s", done.stdout.rstrip().splitlines()[-1])
    assert outcome is not None
    passed, _, others = wrong.partition(" ")
    assert outcome[1] == f"{right * int(rounds) + int(passed)} {others}"
