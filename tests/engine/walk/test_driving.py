"""Requests are sent, watched and undone on every engine, in both modes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.version import __version__
from tests.worlds import ROOT, build_tree, run
from tools.derive_sync import derive

pytestmark = pytest.mark.runs

USE = ROOT / "tests" / "walk_use"
CELLS = [
    ("sqlite", "async", "aiosqlite"),
    ("postgresql", "async", "asyncpg"),
    ("mysql", "async", "asyncmy"),
    ("sqlite", "sync", "pysqlite"),
    ("postgresql", "sync", "psycopg"),
    ("mysql", "sync", "pymysql"),
]
# Each engine, and both modes.
SHARED = {"asyncpg", "pysqlite", "pymysql"}
SETTINGS = """
[harness]
version = "{version}"

[application]
project = "kiosk"
framework = "fastapi"
import_path = "kiosk.app:app"
mode = "{mode}"
health_path = ""
base_url = "http://localhost"
doubles = "mail"

[database]
engine = "{engine}"
driver = "{driver}"
metadata = "kiosk.models:Base"
migrations = ""

[databases.audit]
metadata = "kiosk.models:AuditBase"

[auth]
style = "{style}"
login_path = "/login"
login_encoding = "json"
login_field = "name"
password_field = "password"
user_model = "kiosk.models:User"
user_login_attribute = "name"
user_password_attribute = "password"
password_hasher = "kiosk.models:hash_password"
token_field = "token"
api_key_header = "X-Key"
api_key_attribute = "key"
active_attribute = "is_active"
role_attribute = "kiosk.models:Membership.role"
admin_role = "owner"
protected_path = "/me"

[limits]
request = 30
"""
PYTEST = """
[pytest]
testpaths = tests
pythonpath = tests .
addopts = --import-mode=importlib --strict-markers
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
"""


def kiosk(folder: Path, engine: str, mode: str, driver: str) -> Path:
    """Write the application with a suite that drives it."""
    is_async = mode == "async"

    def text(name: str) -> str:
        source = USE / name
        return source.read_text() if is_async else derive(source, source)

    server = f"{engine}+{driver}://{'' if engine == 'sqlite' else 'host'}"
    conftest = ROOT / "template" / "{{ tests_dir }}" / "conftest.py"
    files = {
        "kiosk/__init__.py": "",
        "kiosk/models.py": (USE / "models.py").read_text(),
        "kiosk/app.py": text("app_async.py").replace("ways_async", "ways"),
        "kiosk/ways.py": (USE / f"ways_{mode}.py").read_text(),
        "pytest.ini": PYTEST,
        "tests/conftest.py": conftest.read_text(),
        "tests/harness.toml": SETTINGS.format(
            version=__version__, engine=engine, mode=mode, driver=driver,
            # One that each client logs in for, and one that is made without.
            style="jwt_bearer" if is_async else "api_key",
        ),
        "tests/test.env": f"DATABASE_URL={server}/kiosk\nAUDIT_URL={server}/audit\n",
        "tests/test_use.py": text("use_async.py"),
    }  # fmt: skip
    if driver in SHARED:
        files["tests/test_use_shared.py"] = text("shared_async.py")
        files["tests/test_use_unshared.py"] = text("unshared_async.py")
    if is_async:
        files["tests/test_only.py"] = (USE / "only_async.py").read_text()
    return build_tree(folder, files)


@pytest.mark.parametrize(("engine", "mode", "driver"), CELLS)
def test_requests_are_sent_watched_and_undone(
    suite_python: Path, tmp_path: Path, engine: str, mode: str, driver: str
) -> None:
    project = kiosk(tmp_path / "kiosk", engine, mode, driver)
    # One that blocks the loop takes its time, which one engine tells as well as three.
    slow = [] if engine == "sqlite" else ["--deselect", "tests/test_only.py"]
    done = run(suite_python, "-m", "pytest", "-q", *slow, cwd=project, check=False)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE), done.stdout
    assert "failed" not in done.stdout
