"""Faults of many forms, in each framework, are each found by the oracle that is meant for them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from test_harness.version import __version__
from tests.engine.walk.route_faults import (
    of_fastapi,
    of_flask,
    of_forum,
    of_litestar,
    of_shed,
    of_starlette,
)
from tests.engine.walk.test_driving import PYTEST, SETTINGS, USE
from tests.worlds import ROOT, build_tree, run
from tools.derive_sync import derive

pytestmark = pytest.mark.runs

DEPOT = USE / "depot"
CELLS = {
    "fastapi-async": of_fastapi.FAULTS,
    "fastapi-sync": [fault for fault in of_fastapi.FAULTS if fault.sync],
    "starlette-async": of_starlette.FAULTS,
    "litestar-async": of_litestar.FAULTS,
    "flask-sync": of_flask.FAULTS,
    # Of one user each, instead of a team.
    "fastapi-sync-shed": of_shed.FAULTS,
    "fastapi-sync-forum": of_forum.FAULTS,
}
DRIVERS = {"async": "aiosqlite", "sync": "pysqlite"}


def depot(folder: Path, cell: str) -> Path:
    """Write the application in all its variants, with a suite that has oracles look at them."""
    framework, mode, *other = cell.split("-")
    source = (
        USE / "".join(other) / f"{framework}_sync.py" if other else DEPOT / f"{framework}_async.py"
    )
    healthy = source.read_text()
    shown = {"depot/app.py": healthy}
    told = []
    for number, fault in enumerate(CELLS[cell]):
        name = f"v{number}"
        shown[f"depot/{name}.py"] = fault.put_into(healthy)
        said = {key: asdict(fault)[key] for key in ("what", "route", "oracle", "evidence", "takes")}
        told.append({**said, "module": name})
    shown["use_async.py"] = (DEPOT / "use_async.py").read_text()
    if mode == "sync":
        asynchronous = [name for name in shown if name == "use_async.py" or not other]
        shown |= {name: _in_sync(folder, shown[name]) for name in asynchronous}
    serving = "wsgi" if framework == "flask" else mode
    files = {
        "depot/__init__.py": "",
        "depot/models.py": (source.parent / "models.py").read_text(),
        # What a later version of a framework will want is not what this is about.
        "pytest.ini": PYTEST.replace("= error", "=\n    error\n    ignore::DeprecationWarning"),
        "tests/conftest.py": (ROOT / "template" / "{{ tests_dir }}" / "conftest.py").read_text(),
        "tests/harness.toml": _settings(framework, mode, of_team=not other),
        "tests/test.env": f"DATABASE_URL=sqlite+{DRIVERS[mode]}:///depot\nUPLOADS=uploads\n",
        "uploads/.keep": "",
        "tests/test_use.py": shown.pop("use_async.py"),
        "tests/serving.py": (DEPOT / f"serving_{serving}.py").read_text(),
        "tests/catching.py": (DEPOT / "catching.py").read_text(),
        "tests/recipes.py": (source.parent / "recipes.py").read_text(),
        **shown,
        "depot/variants.json": json.dumps(told),
    }
    return build_tree(folder, files)


def _settings(framework: str, mode: str, *, of_team: bool) -> str:
    text = SETTINGS.format(
        version=__version__, engine="sqlite", mode=mode, driver=DRIVERS[mode], style="api_key"
    )
    text = text.replace('[databases.audit]\nmetadata = "kiosk.models:AuditBase"\n', "")
    if not of_team:
        text = text.replace("kiosk.models:Membership.role", "role").replace('"owner"', '"admin"')
    text = text.replace("kiosk", "depot").replace('"fastapi"', f'"{framework}"')
    return re.sub(r'(login_field|user_login_attribute) = "name"', r'\1 = "email"', text)


def _in_sync(folder: Path, text: str) -> str:
    folder.mkdir(exist_ok=True)
    source = folder / "source.py"
    source.write_text(text)
    return derive(source, source)


@pytest.mark.parametrize("cell", CELLS)
def test_faults_are_found_by_name_and_nothing_is_said_of_what_is_right(
    suite_python: Path, tmp_path: Path, cell: str
) -> None:
    project = depot(tmp_path / "depot", cell)
    done = run(suite_python, "-m", "pytest", "-q", cwd=project, check=False)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE), done.stdout
    assert "failed" not in done.stdout
