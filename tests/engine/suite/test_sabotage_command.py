"""`test-harness sabotage` names what the tests of a team would not notice, and changes no file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from test_harness.version import __version__
from tests.engine.walk.test_driving import PYTEST, SETTINGS
from tests.worlds import ROOT, build_tree, files_of, run

pytestmark = pytest.mark.runs

USE = ROOT / "tests" / "sabotage_use"


def depot(folder: Path, framework: str) -> Path:
    """Write an application with the tests of a team."""
    settings = SETTINGS.format(
        version=__version__, engine="sqlite", mode="sync", driver="pysqlite",
        style="jwt_bearer" if framework == "fastapi" else "http_basic",
    )  # fmt: skip
    for old, new in (
        ("kiosk", "depot"),
        ('framework = "fastapi"', f'framework = "{framework}"'),
        ('[databases.audit]\nmetadata = "depot.models:AuditBase"\n', ""),
        ('active_attribute = "is_active"\n', ""),
        ('role_attribute = "depot.models:Membership.role"\nadmin_role = "owner"\n', ""),
    ):
        assert old in settings
        settings = settings.replace(old, new)
    conftest = ROOT / "template" / "{{ tests_dir }}" / "conftest.py"
    files = {
        "depot/__init__.py": "",
        "depot/models.py": (USE / "models.py").read_text(),
        "depot/app.py": (USE / f"app_{framework}.py").read_text(),
        "pytest.ini": PYTEST,
        "tests/conftest.py": conftest.read_text(),
        "tests/harness.toml": settings,
        "tests/test.env": "DATABASE_URL=sqlite:///depot\n",
        "tests/test_depot.py": (USE / f"tests_{framework}.py").read_text(),
    }
    return build_tree(folder, files)


def hunt(python: Path, project: Path, *options: str, status: int = 0) -> dict[str, Any]:
    """Run the command, and return what it found."""
    before = files_of(project)
    done = run(
        python, "-m", "test_harness", "sabotage", "--json", "--seed", "7", *options,
        cwd=project, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    assert files_of(project) == before
    # What it says while it goes on comes first.
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("\n{") :])
    return found


def ends(found: dict[str, Any]) -> dict[str, str]:
    """Return what came of each fault."""
    return {f"{one['in']} {one['what']}": one["end"] for one in found["faults"]}


def test_faults_of_fastapi(suite_python: Path, tmp_path: Path) -> None:
    found = hunt(suite_python, depot(tmp_path / "depot", "fastapi"), "--strict", status=1)
    assert ends(found) == {
        "clear drops the dependency require_admin": "survived",
        "report drops the dependency Current": "caught",
        "items drops the condition Item.owner_id == user.id": "caught",
        "items drops the condition Item.status == status": "survived",
        "change drops the call check_owner(user, item)": "caught",
        "require_admin drops the refusal `if user.role != 'admin'`": "survived",
        "check_owner drops the refusal `if item.owner_id != user.id`": "caught",
        "login drops the refusal `if user is None`": "survived",
        "change drops the refusal `if item.status == 'sold'`": "survived",
        "login takes any password for the right one at "
        "verify_password(given.password, user.password)": "caught",
        "current does not look at the signature of tokens": "caught",
        "current does not look at when tokens end": "survived",
        "add forgets db.commit()": "caught",
        "New drops max_length of name": "caught",
        "items drops .limit(size) of a query": "survived",
    }
    assert (found["caught"], found["of"], found["not_tried"]) == (8, 15, [])
    [signature] = [one for one in found["faults"] if "signature" in one["what"]]
    assert signature["where"] == "depot/app.py:31"
    assert signature["by"] == ["tests/test_depot.py::test_a_token_of_another_key_gets_nobody_in"]
    [dropped] = [one for one in found["faults"] if "require_admin" in one["what"]]
    assert dropped["advice"].startswith("Ask for the route as nobody")


def test_faults_of_flask(suite_python: Path, tmp_path: Path) -> None:
    kinds = [f"--only={kind}" for kind in ("decorator", "filter", "password")]
    found = hunt(suite_python, depot(tmp_path / "depot", "flask"), *kinds)
    assert ends(found) == {
        "me drops the decorator @login_required": "caught",
        "items drops the decorator @login_required": "caught",
        "add drops the decorator @login_required": "survived",
        "clear drops the decorator @roles_required('admin')": "caught",
        "OneItem drops the decorator login_required": "survived",
        "items drops the condition owner_id == g.user.id": "caught",
        "items drops the condition deleted_at == None": "survived",
        "know takes any password for the right one at "
        "verify_password(given.password or '', user.password)": "caught",
    }
