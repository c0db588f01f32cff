"""What tests assert of one route: each pattern finds its faults, and is quiet without them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.version import __version__
from tests.engine.walk.test_driving import PYTEST, SETTINGS
from tests.worlds import ROOT, build_tree, run
from tools.derive_sync import derive

pytestmark = pytest.mark.runs

USE = ROOT / "tests" / "pattern_use"


def shop(folder: Path, framework: str, driver: str) -> Path:
    """Write the application with a suite that has the patterns look at it."""
    mode = "async" if framework == "fastapi" else "sync"
    settings = SETTINGS.format(
        version=__version__, engine="sqlite", mode=mode, driver=driver, style="api_key"
    )
    for old, new in (
        ("kiosk", "shop"),
        ('framework = "fastapi"', f'framework = "{framework}"'),
        ('[databases.audit]\nmetadata = "shop.models:AuditBase"\n', ""),
        ('active_attribute = "is_active"\n', ""),
        ('role_attribute = "shop.models:Membership.role"\nadmin_role = "owner"\n', ""),
        ('protected_path = "/me"', 'protected_path = "/items"'),
    ):
        assert old in settings
        settings = settings.replace(old, new)
    source = USE / "use_async.py"
    conftest = ROOT / "template" / "{{ tests_dir }}" / "conftest.py"
    files = {
        "shop/__init__.py": "",
        "shop/models.py": (USE / "models.py").read_text(),
        "shop/app.py": (USE / f"app_{framework}.py").read_text(),
        "pytest.ini": PYTEST,
        "tests/conftest.py": conftest.read_text(),
        "tests/harness.toml": settings,
        "tests/test.env": f"DATABASE_URL=sqlite+{driver}:///shop\n",
        "tests/test_use.py": source.read_text() if mode == "async" else derive(source, source),
    }
    return build_tree(folder, files)


@pytest.mark.parametrize(("framework", "driver"), [("fastapi", "aiosqlite"), ("flask", "pysqlite")])
def test_each_pattern_finds_its_faults(
    suite_python: Path, tmp_path: Path, framework: str, driver: str
) -> None:
    project = shop(tmp_path / "shop", framework, driver)
    done = run(suite_python, "-m", "pytest", "-q", cwd=project, check=False)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE), done.stdout
    assert "failed" not in done.stdout
