"""The seam holds for each way applications use SQLAlchemy, on each driver."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worlds import render, run

pytestmark = pytest.mark.runs

CANARIES = Path(__file__).parent / "canaries"


@pytest.mark.parametrize(
    ("engine", "driver"),
    [("sqlite", "pysqlite"), ("postgresql", "psycopg"), ("postgresql", "psycopg2")],
)
def test_every_way_of_working_is_rolled_back(
    template: Path, suite_python: Path, tmp_path: Path, engine: str, driver: str
) -> None:
    project = render(
        template,
        tmp_path / "project",
        questions="everything",
        database_engine=engine,
        mode="sync",
        database_driver=driver,
    )
    shutil.copy(CANARIES / "test_seam_sync.py", project / "tests")
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_seam_sync.py", cwd=project)
    assert "42 passed, 2 skipped" in done.stdout
