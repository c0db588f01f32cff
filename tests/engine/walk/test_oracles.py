"""Each oracle finds its fault, and says nothing of the same application without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.version import __version__
from tests.engine.walk.test_driving import PYTEST, SETTINGS, USE
from tests.worlds import ROOT, build_tree, run

pytestmark = pytest.mark.runs


def stall(folder: Path, engine: str, driver: str) -> Path:
    """Write the application with a suite that has oracles look at it."""
    settings = SETTINGS.format(
        version=__version__, engine=engine, mode="sync", driver=driver, style="api_key"
    )
    settings = settings.replace("kiosk", "stall").replace(
        '[databases.audit]\nmetadata = "stall.models:AuditBase"\n', ""
    )
    server = f"{engine}+{driver}://{'' if engine == 'sqlite' else 'host'}"
    conftest = ROOT / "template" / "{{ tests_dir }}" / "conftest.py"
    files = {
        "stall/__init__.py": "",
        "stall/models.py": (USE / "stall_models.py").read_text(),
        "stall/app.py": (USE / "stall_app.py").read_text(),
        "pytest.ini": PYTEST,
        "tests/conftest.py": conftest.read_text(),
        "tests/harness.toml": settings,
        "tests/test.env": f"DATABASE_URL={server}/stall\n",
        "tests/test_oracles.py": (USE / "oracles_sync.py").read_text(),
    }
    return build_tree(folder, files)


@pytest.mark.parametrize(("engine", "driver"), [("sqlite", "pysqlite"), ("postgresql", "psycopg")])
def test_each_oracle_finds_its_fault_and_no_other(
    suite_python: Path, tmp_path: Path, engine: str, driver: str
) -> None:
    project = stall(tmp_path / "stall", engine, driver)
    done = run(suite_python, "-m", "pytest", "-q", cwd=project, check=False)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE), done.stdout
    assert "failed" not in done.stdout
