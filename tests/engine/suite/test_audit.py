"""What a tree of tests is said to be, and what becomes of it when it is arranged otherwise."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from test_harness.commands.main import main
from test_harness.suite.audit.imports import repaired
from tests.worlds import ROOT, build_tree, commit_all, environment, files_of, git

APP = {
    "app/__init__.py": "",
    "app/models/__init__.py": "",
    "app/models/user.py": "class User:\n    pass\n",
    "app/services/__init__.py": "",
    "app/services/users.py": "def find(session, name):\n    return session.get(name)\n",
    "app/decorators.py": "def logged(view):\n    return view\n",
    "app/utils.py": "def double(number):\n    return 2 * number\n",
}
CONFTEST = """\
import pytest


@pytest.fixture
def db():
    return {"Ada": 1}


@pytest.fixture
def client(db):
    class Client:
        def get(self, path):
            return db

    return Client()
"""
OF_ROUTES = """\
import unittest

import pytest

from .helpers import check
from tests.base import Base


@pytest.mark.parametrize("name", ["Ada", "Bob"])
def test_users_are_listed(client, name):
    check(client.get("/api/users/1"))


class TestUsers(Base):
    def test_one(self, client):
        assert client.get("/api/users") == {"Ada": 1}


class ByUnittest(unittest.TestCase):
    def test_other(self):
        self.assertEqual(len("/api/users"), 10)
"""
OF_SERVICES = """\
from app.services.users import find


def test_found(db):
    assert find(db, "Ada") == 1


def test_not_found(db):
    first = find(db, "Eve")
    second = find(db, "Mallory")
    third = find(db, "Trudy")
    fourth = find(db, "Oscar")
    assert [first, second, third, fourth] == [None, None, None, None]


def test_nobody(db):
    one = find(db, "A")
    two = find(db, "B")
    three = find(db, "C")
    four = find(db, "D")
    assert [one, two, three, four] == [None, None, None, None]
"""
OF_UTILS = "from app.utils import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
TESTS = {
    "pytest.ini": "[pytest]\naddopts = -p no:asyncio\npythonpath = .\n",
    ".gitignore": "__pycache__/\n",
    "tests/__init__.py": "",
    "tests/conftest.py": CONFTEST,
    "tests/base.py": "class Base:\n    def test_of_all(self):\n        assert self\n",
    "tests/old/__init__.py": "",
    "tests/old/helpers.py": "def check(found):\n    assert found\n",
    "tests/old/test_routes.py": OF_ROUTES,
    "tests/old/test_users.py": OF_SERVICES,
    "tests/old/test_utils.py": OF_UTILS,
    "tests/old/test_again.py": "from app.utils import double\n\n"
    "from .test_utils import test_double as it\n"
    "\n\ndef test_twice():\n    assert double(2) == 4\n\n\ndef test_other():\n    assert it\n",
}


OF_LAYERS = {
    "tests/old/test_user.py": "from app.models.user import User\n\n\n"
    "def test_user():\n    assert User()\n",
    "tests/old/test_logged.py": "from app.decorators import logged\n\n\n"
    "def test_logged():\n    assert logged(len) is len\n",
}


class Said(NamedTuple):
    """How the command ended, and what it printed."""

    status: int
    out: str
    notes: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with its tests, committed."""
    project = build_tree(tmp_path / "project", {**APP, **TESTS})
    git(project, "init", "--quiet")
    commit(project)
    monkeypatch.chdir(project)
    return project


def commit(project: Path) -> None:
    """Commit all there is."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "all")


def audit(*arguments: str) -> Said:
    """Run the command in the current folder."""
    out, notes = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(notes):
        status = main(["audit", *arguments])
    return Said(status, out.getvalue(), notes.getvalue())


def collected(project: Path) -> list[str]:
    """Return the tests that pytest collects, by what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"],
        cwd=project, capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_each_file_has_a_kind_a_subject_its_imports_and_the_number_of_its_tests(
    project: Path,
) -> None:
    report: dict[str, Any] = json.loads(audit("--format", "json").out)
    files = {one.pop("path"): one for one in report["files"]}
    routes = files["tests/old/test_routes.py"]
    assert (routes["kind"], routes["kinds"]) == ("api", {"api": 2, "unit": 1})
    assert (routes["routes"], routes["tests"]) == ("/api/users", 3)
    services = files["tests/old/test_users.py"]
    assert (services["kind"], services["tests"]) == ("integration", 3)
    assert (services["subject"], services["layer"]) == ("app.services.users", "services")
    utils = files["tests/old/test_utils.py"]
    assert (utils["kind"], utils["imports"], utils["layer"]) == ("unit", ["app.utils"], "utils")
    assert files["tests/conftest.py"]["kind"] == "support"


def test_tests_that_are_alike_are_named(project: Path) -> None:
    report = json.loads(audit("--format", "json").out)
    pairs = [(one["first"], one["second"], one["same"]) for one in report["alike"]]
    assert pairs == [
        ("tests/old/test_users.py::test_not_found", "tests/old/test_users.py::test_nobody", False),
        ("tests/old/test_again.py::test_twice", "tests/old/test_utils.py::test_double", True),
    ]


def test_people_read_a_line_for_each(project: Path) -> None:
    said = audit("tests/old/test_users.py")
    assert said.out.splitlines() == [
        "tests/old/test_users.py: integration, 3 tests, of app.services.users",
        "tests/old/test_users.py::test_nobody is 100% in its form like "
        "tests/old/test_users.py::test_not_found",
        "3 tests in 1 files: 3 integration.",
    ]


def test_a_plan_changes_nothing(project: Path) -> None:
    before = files_of(project)
    said = audit("--layout", "kinds")
    assert "git mv tests/old/test_users.py tests/integration/test_users.py" in said.out
    assert "4 files would move, 0 stay for a reason." in said.out
    assert files_of(project) == before


@pytest.mark.parametrize("layout", ["kinds", "layers"])
def test_a_plan_that_is_carried_out_loses_no_test(project: Path, layout: str) -> None:
    before = collected(project)
    said = audit("--layout", layout, "--apply")
    assert said.status == 0, said
    after = collected(project)
    assert sorted(one.rpartition("/")[2] for one in after) == sorted(
        one.rpartition("/")[2] for one in before
    )
    assert len([one for one in before if one in after]) < len(before)
    # History goes with the files, and the tests are as green as they were.
    status = git(project, "status", "--porcelain").splitlines()
    assert [line for line in status if line[0] not in "RA"] == []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=project, check=False,
        capture_output=True, text=True, env=environment(),
    )  # fmt: skip
    assert "11 passed" in done.stdout, done.stdout


def test_units_lie_by_layer(project: Path) -> None:
    build_tree(project, OF_LAYERS)
    commit_all(project)
    out = audit("--layout", "layers").out
    for name, folder in (
        ("user", "models"), ("users", "services"), ("logged", "decorators"), ("utils", "utils"),
    ):  # fmt: skip
        assert f"git mv tests/old/test_{name}.py tests/test_{folder}/test_{name}.py" in out


def test_tests_of_a_module_go_beside_it(project: Path) -> None:
    said = audit("--layout", "beside")
    assert "git mv tests/old/test_utils.py app/test_utils.py" in said.out


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"tests/old/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef db():\n    pass\n"},
            "tests/old/test_users.py stays: it needs `db` of old/conftest.py, which would not be",
        ),
        (
            {"tests/old/test_users.py": f"HERE = __file__\n{OF_SERVICES}"},
            "tests/old/test_users.py stays: it finds files by its own place (`__file__`).",
        ),
        (
            {
                "tests/loose/near.py": "ONE = 1\n",
                "tests/loose/test_near.py": "from near import ONE\n\n\ndef test_it(db):\n"
                "    assert ONE\n",
            },
            "tests/loose/test_near.py stays: it imports near from beside it.",
        ),
    ],
)
def test_what_would_break_stays_and_says_why(
    project: Path, files: dict[str, str], reason: str
) -> None:
    build_tree(project, files)
    assert reason in audit("--layout", "kinds").out


def test_two_files_of_one_name_get_along(project: Path) -> None:
    build_tree(project, {"tests/more/__init__.py": "", "tests/more/test_users.py": OF_SERVICES})
    out = audit("--layout", "kinds").out
    assert "git mv tests/more/test_users.py tests/integration/test_users.py" in out
    assert "git mv tests/old/test_users.py tests/integration/test_old_users.py" in out


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        # Fixtures that only running code shows: this one is given by the folder.
        (
            {
                "tests/conftest.py": CONFTEST
                + "\n\ndef pytest_collection_modifyitems(items):\n"
                + "    items[:] = [it for it in items if 'old' in str(it.path)]\n"
            },
            "tests would not be collected any more",
        ),
        ({"tests/old/test_users.py": "import nothing_of_this_name\n"}, "pytest cannot collect 1"),
    ],
)
def test_where_a_test_would_be_lost_all_is_as_it_was(
    project: Path, files: dict[str, str], problem: str
) -> None:
    build_tree(project, files)
    commit(project)
    before = files_of(project)
    said = audit("--layout", "kinds", "--apply")
    assert said.status == 2
    assert problem in said.notes
    assert files_of(project) == before
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_what_is_ended_while_it_looks_is_undone(project: Path) -> None:
    ends = """

def pytest_collection_modifyitems(items):
    import os, signal, time
    if not any("/old/" in it.nodeid for it in items):
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(60)
"""
    build_tree(project, {"tests/conftest.py": CONFTEST + ends})
    commit(project)
    before = files_of(project)
    done = subprocess.run(
        [sys.executable, "-m", "test_harness", "audit", "--layout", "kinds", "--apply"],
        cwd=project, capture_output=True, text=True, check=False,
        env=environment(PYTHONPATH=str(ROOT / "src")),
    )  # fmt: skip
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    assert files_of(project) == before
    assert git(project, "status", "--porcelain") == ""


def test_what_is_not_committed_is_not_touched(project: Path) -> None:
    (project / "tests" / "old" / "test_users.py").write_text(OF_SERVICES + "\n", encoding="utf-8")
    before = files_of(project)
    said = audit("--layout", "kinds", "--apply")
    assert said.status == 2
    assert "tests/old/test_users.py has changes that are not committed." in said.notes
    assert files_of(project) == before


@pytest.mark.parametrize(
    ("home", "text", "expected"),
    [
        ("tests/api/test_a.py", "from .helpers import x\n", "from ..old.helpers import x\n"),
        ("tests/api/test_a.py", "from ..base import Base\n", "from ..base import Base\n"),
        ("tests/api/deep/test_a.py", "from ..base import B\n", "from ...base import B\n"),
        ("tests/old/test_a.py", "from .test_b import x\n", "from ..new.test_b import x\n"),
        ("tests/old/test_a.py", "from tests.old.test_b import x", "from tests.new.test_b import x"),
        ("tests/old/test_a.py", "import tests.old.test_b as b", "import tests.new.test_b as b"),
        ("tests/api/test_a.py", "from app.utils import double\n", "from app.utils import double\n"),
    ],
)  # fmt: skip
def test_imports_are_mended(tmp_path: Path, home: str, text: str, expected: str) -> None:
    files = dict.fromkeys(
        ["tests/old/helpers.py", "tests/base.py", "tests/old/test_b.py", "app/utils.py"], ""
    )
    build_tree(tmp_path, {**files, "tests/old/test_a.py": text})
    old = tmp_path / "tests" / "old"
    moved = {old / "test_b.py": tmp_path / "tests" / "new" / "test_b.py"}
    if home != "tests/old/test_a.py":
        moved[old / "test_a.py"] = tmp_path / home
    assert repaired(old / "test_a.py", text, moved, [tmp_path]) == expected
