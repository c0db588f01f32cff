"""A project whose harness was a folder of its own code is brought over to the engine by an update.

What is rendered first is the last commit of the old shape, out of the history of this repository:
a checkout without it fails here, with the command that fetches the rest. CI clones in full.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.worlds import (
    ANSWERS,
    ANSWERS_FILE,
    ROOT,
    build_tree,
    clone_template,
    commit_all,
    copier,
    files_of,
    git,
    render,
)

LAST_OF_THE_OLD_SHAPE = "a6f3379b68a957ae8065045d7bb745fa265fe414"

UPDATE = ("update", "--trust", "--defaults", "--answers-file", ANSWERS_FILE)
WITHOUT_RUN = ("--data", "run_suite=false")

# What an update writes, and conftest.py, which becomes the new one where it is as it came.
OF_THE_TEMPLATE = {
    ".github/workflows/test-harness.yml",
    "test-harness.mk",
    "tests/AGENTS.md",
    "tests/README.md",
    "tests/conftest.py",
    "tests/coverage.ini",
    "tests/harness.toml",
    "tests/requirements.txt",
}


@dataclass(frozen=True)
class Templates:
    """The template before the change and after it, in one repository."""

    path: Path
    old: str = "v0.1.0"
    new: str = "v0.2.0"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    path = tmp_path_factory.mktemp("templates") / "test-harness"
    make_old(path)
    git(path, "tag", Templates.old)
    make_new(path)
    return Templates(path)


def make_old(path: Path) -> None:
    """Write the last template of the old shape, and commit it."""
    done = subprocess.run(
        ["git", "archive", LAST_OF_THE_OLD_SHAPE], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        pytest.fail(
            f"This checkout has no commit {LAST_OF_THE_OLD_SHAPE[:7]}, the last of the old shape.\n"
            "  Fix: `git fetch --unshallow`, or clone without --depth."
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(path, filter="data")
    commit_all(path, "The old shape")


def make_new(path: Path) -> None:
    """Put the template as it is in the place of the old one."""
    for there in path.iterdir():
        if there.name != ".git":
            shutil.rmtree(there) if there.is_dir() else there.unlink()
    clone_template(path, Templates.new)


def old_project(templates: Templates, project: Path, *answers: str | Path, **options: str) -> Path:
    """Render the old shape and commit it."""
    copier(
        "copy", "--trust", "--defaults", "--quiet", "--vcs-ref", templates.old, *answers,
        templates.path, project, cwd=project.parent, **options,
    )  # fmt: skip
    commit_all(project, "The old shape")
    return project


def updated(project: Path, *arguments: str, **options: str) -> str:
    """Update a project and return what was printed."""
    return copier(*UPDATE, *arguments, cwd=project, **options).stdout


def mentions(files: Mapping[str, bytes]) -> list[str]:
    """Return the lines that still name the old machinery."""
    old = re.compile(r"(?<![\w./-])harness\.(?!toml|lock\b)[a-z_]+\b|tests/harness/|harness/checks")
    return [
        f"{name}: {line.strip()}"
        for name, content in files.items()
        if name != ANSWERS_FILE and ".pytest_cache/" not in name
        for line in content.decode().splitlines()
        if old.search(line)
    ]


# ---------------------------------------------------------------------------- a project as it came


@dataclass(frozen=True)
class Untouched:
    """A sample that nobody edited, after its update."""

    path: Path
    printed: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def untouched(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Untouched:
    project = old_project(templates, tmp_path_factory.mktemp("untouched") / "project", *WITHOUT_RUN)
    compiled = project / "tests/harness/databases/__pycache__/sqlite.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"\0")
    printed = updated(project)
    return Untouched(project, printed, files_of(project))


def test_what_is_rendered_is_what_the_new_template_renders(
    untouched: Untouched, templates: Templates, tmp_path: Path
) -> None:
    # Which checks there are it was asked before there were those of the routes.
    suites = ["health", "isolation", "factories", "auth", "flows", "migrations"]
    fresh = files_of(render(templates.path, tmp_path / "project", suites=suites))

    def rendered(files: Mapping[str, bytes]) -> dict[str, str]:
        return {
            name: content.decode()
            for name, content in files.items()
            if name in OF_THE_TEMPLATE or name.startswith("tests/checks/")
        }

    assert rendered(untouched.files) == rendered(fresh)
    assert rendered(fresh).keys() > OF_THE_TEMPLATE


def test_of_the_files_of_the_user_only_such_lines_change_that_mention_it(
    untouched: Untouched,
) -> None:
    def others(content: str) -> list[str]:
        return sorted(line for line in content.splitlines() if "harness" not in line)

    changed = git(untouched.path, "diff", "--name-only", "--diff-filter=M", "HEAD").splitlines()
    of_the_user = [name for name in changed if name not in {*OF_THE_TEMPLATE, ANSWERS_FILE}]
    assert len(of_the_user) > 10
    for name in of_the_user:
        before = git(untouched.path, "show", f"HEAD:{name}")
        assert others(untouched.files[name].decode()) == others(before), name


def test_nothing_is_left_of_the_old_folder(untouched: Untouched) -> None:
    assert not (untouched.path / "tests/harness").exists()


def test_nothing_mentions_the_old_machinery(untouched: Untouched) -> None:
    assert mentions(untouched.files) == []


def test_nothing_was_left_to_the_user(untouched: Untouched) -> None:
    assert "were left to you" not in untouched.printed


def test_each_rewritten_file_is_named(untouched: Untouched) -> None:
    of_the_user = git(untouched.path, "diff", "--name-only", "HEAD", "--", "tests").splitlines()
    rewritten = [
        name
        for name in of_the_user
        if not name.startswith("tests/harness")
        and name not in {"tests/README.md", "tests/coverage.ini"}
    ]
    named = untouched.printed.split("were rewritten", 1)[1].splitlines()[1:]
    assert named[: len(rewritten)] == [f"  {name}" for name in rewritten]


def test_the_engine_is_installed_by_default(untouched: Untouched) -> None:
    assert b"\nengine: installed\n" in untouched.files[ANSWERS_FILE]


def test_a_second_update_changes_and_says_nothing(untouched: Untouched, tmp_path: Path) -> None:
    project = shutil.copytree(untouched.path, tmp_path / "project")
    commit_all(project, "Updated")
    assert "is installed from now on" not in updated(project)
    assert git(project, "status", "--porcelain") == ""


def test_templates_without_a_tag_update_alike(
    untouched: Untouched, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("untagged")
    make_old(folder / "test-harness")
    project = old_project(
        Templates(folder / "test-harness", old="HEAD"), folder / "project", *WITHOUT_RUN
    )
    make_new(folder / "test-harness")
    git(folder / "test-harness", "tag", "--delete", Templates.new)
    updated(project)
    assert {
        name: content for name, content in files_of(project).items() if "requirements" not in name
    }.keys() == {name for name in untouched.files if "requirements" not in name}
    assert mentions(files_of(project)) == []


# ----------------------------------------------------------------------------- an edited project

TEST_OF_MINE = '''\
"""Mine."""

from __future__ import annotations

import harness.naming
import pytest
from harness import mine, seeding
from harness.application import import_object
from harness.assertions import (
    assert_json,
    assert_status,  # and this
)
from harness.auth import PASSWORD, style
from harness.errors import HarnessError, SettingsError
from harness.runtime import runtime


def test_all_of_these_are_there() -> None:
    assert issubclass(SettingsError, HarnessError)
    assert all((PASSWORD, style(), mine.MINE))
    assert harness.naming.RunName
    assert all((assert_json, assert_status, import_object, seeding.new_seed, runtime))


def test_names_in_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    # What harness.factory.ModelFactory is made of.
    monkeypatch.setattr("harness.clients.ANONYMOUS", None)
    monkeypatch.setattr("harness.auth.style", None)
    assert import_object("harness.factory:ModelFactory")
'''
TEST_OF_MINE_AFTERWARDS = '''\
"""Mine."""

from __future__ import annotations

import pytest
import test_harness.databases.naming
from harness import mine
from test_harness import (
    assert_json,
    assert_status,  # and this
)
from test_harness import PASSWORD, HarnessError, seeding
from test_harness.application.loading import import_object
from test_harness.auth.styles import style
from test_harness.errors import SettingsError
from test_harness.runtime.process import runtime


def test_all_of_these_are_there() -> None:
    assert issubclass(SettingsError, HarnessError)
    assert all((PASSWORD, style(), mine.MINE))
    assert test_harness.databases.naming.RunName
    assert all((assert_json, assert_status, import_object, seeding.new_seed, runtime))


def test_names_in_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    # What test_harness.ModelFactory is made of.
    monkeypatch.setattr("test_harness.application.clients.ANONYMOUS", None)
    monkeypatch.setattr("test_harness.auth.styles.style", None)
    assert import_object("test_harness:ModelFactory")
'''

FIXTURES = '''

@pytest.fixture
def nobody() -> object:
    """Nobody."""
    from harness.clients import ANONYMOUS

    return ANONYMOUS
'''

MAKEFILE = """
mine:
	pip install -r requirements.txt -r tests/harness/requirements.txt
	PYTHONPATH=tests python -m harness.scenarios sqlite:///dev.db demo
	python -m pytest -p harness.plugin tests/harness/checks/test_infrastructure.py
	python3 -B tests/harness/hook
"""
MAKEFILE_AFTERWARDS = """
mine:
	pip install -r requirements.txt -r tests/requirements.txt
	PYTHONPATH=tests python -m test_harness seed sqlite:///dev.db demo
	python -m pytest -p test_harness.plugin tests/checks/test_infrastructure.py
	python3 -B tests/harness/hook
"""

CHECK_OF_MINE = """

def test_mine() -> None:
    assert True
"""


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def edit(project: Path) -> None:
    """Do what people do to a project in the course of time, and commit it."""
    append(project / "tests/harness/naming.py", "\n# Mine.\n")
    append(project / "tests/harness/checks/test_infrastructure.py", CHECK_OF_MINE)
    append(project / "tests/harness/requirements.txt", "respx>=0.20\n")
    (project / "tests/harness/checks/test_token_attacks_async.py").write_text("# Mine.\n")
    (project / "tests/harness/checks/test_health_async.py").unlink()
    append(project / "tests/conftest.py", FIXTURES)
    append(project / "Makefile", MAKEFILE)
    append(project / "pytest.ini", "    mine: mine\n")
    ini = project / "pytest.ini"
    ini.write_text(
        ini.read_text().replace(
            "    error\n", "    error\n    ignore::harness.errors.IsolationWarning\n"
        )
    )
    build_tree(
        project,
        {
            "tests/harness/mine.py": "from harness.auth import PASSWORD\n\nMINE = PASSWORD\n",
            "tests/api/test_mine.py": TEST_OF_MINE,
            "tests/unit/test_uncertain.py": UNCERTAIN,
        },
    )
    commit_all(project, "Edits")


UNCERTAIN = '''\
"""What nobody can know by reading."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.skip(reason="not to be run")
def test_uncertain() -> None:
    for name in ("lock", "seam"):
        importlib.import_module(f"harness.{name}")
    from harness.settings import TESTS_DIR

    assert TESTS_DIR
'''


@dataclass(frozen=True)
class Edited:
    """A sample with edits of each kind, after its update."""

    path: Path
    printed: str


@pytest.fixture(scope="module")
def edited(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Edited:
    project = old_project(templates, tmp_path_factory.mktemp("edited") / "project", *WITHOUT_RUN)
    edit(project)
    return Edited(project, updated(project))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tests/api/test_mine.py", TEST_OF_MINE_AFTERWARDS),
        ("tests/harness/mine.py", "from test_harness import PASSWORD\n\nMINE = PASSWORD\n"),
        ("Makefile", MAKEFILE_AFTERWARDS),
        ("tests/checks/test_infrastructure.py", CHECK_OF_MINE),
        ("tests/requirements.txt", "\nrespx>=0.20\n"),
        ("pytest.ini", "    ignore::test_harness.errors.IsolationWarning\n"),
    ],
)
def test_a_file_of_the_user_is_rewritten(edited: Edited, name: str, expected: str) -> None:
    assert expected in (edited.path / name).read_text()


def test_fixtures_of_the_user_stay_below_what_loads_the_engine(
    edited: Edited, untouched: Untouched
) -> None:
    fixtures = FIXTURES.replace("harness.clients", "test_harness")
    loading = untouched.files["tests/conftest.py"].decode()
    after = (edited.path / "tests/conftest.py").read_text()
    assert after == loading[loading.index('"""') :] + fixtures


def test_a_deleted_check_stays_deleted(edited: Edited) -> None:
    assert not (edited.path / "tests/checks/test_health_async.py").exists()
    assert (
        "Checks that you had deleted stay deleted (1):\n  tests/checks/test_health_async.py\n"
    ) in edited.printed


def test_what_the_user_put_into_the_old_folder_stays_there(edited: Edited) -> None:
    assert files_of(edited.path / "tests/harness").keys() == {"mine.py"}
    assert "What you put into tests/harness yourself was left there.\n" in edited.printed


def test_an_edit_of_what_is_installed_now_is_named_with_how_to_see_it(edited: Edited) -> None:
    rendered = git(edited.path, "rev-list", "--max-parents=0", "HEAD")[:12]
    assert (
        "tests/harness/naming.py, which you had edited, is test_harness.databases.naming in the "
        "engine now, without your edit.\n"
        f"  Fix: `git diff {rendered} HEAD -- tests/harness/naming.py` shows it; "
    ) in edited.printed
    assert "+# Mine." in git(edited.path, "diff", rendered, "HEAD", "--", "tests/harness/naming.py")


def test_an_edit_that_cannot_go_along_is_named_with_how_to_see_it(edited: Edited) -> None:
    name = "checks/test_token_attacks_async.py"
    assert (
        f"tests/harness/{name}, which you had edited, is tests/{name} now, without your edit.\n"
        "  Fix: `git diff "
    ) in edited.printed
    assert "<<<<<<<" not in (edited.path / "tests" / name).read_text()


def test_edits_that_went_along_are_named_once(edited: Edited) -> None:
    assert (
        "Files with edits of yours, which they have here too (2):\n"
        "  tests/checks/test_infrastructure.py\n  tests/requirements.txt\n"
    ) in edited.printed
    assert "brings your edit back" not in edited.printed


def test_what_is_not_certain_is_left_and_named_line_by_line(edited: Edited) -> None:
    _, _, left = edited.printed.partition("Lines whose meaning is not certain")
    assert re.findall(r"^  (\S+:\d+: .*)$", left, re.MULTILINE) == [
        "Makefile:9: python3 -B tests/harness/hook",
        'tests/unit/test_uncertain.py:13: importlib.import_module(f"harness.{name}")',
        "tests/unit/test_uncertain.py:14: from harness.settings import TESTS_DIR",
    ]
    assert (edited.path / "tests/unit/test_uncertain.py").read_text() == UNCERTAIN


def test_a_loading_part_that_was_edited_is_shown_as_it_has_to_be(
    templates: Templates, tmp_path: Path
) -> None:
    project = old_project(templates, tmp_path / "project", *WITHOUT_RUN)
    conftest = project / "tests/conftest.py"
    before = conftest.read_text().replace("    if parser", "    print()\n    if parser")
    conftest.write_text(before + FIXTURES)
    commit_all(project, "Edits")
    printed = updated(project)
    assert conftest.read_text() == before + FIXTURES.replace("harness.clients", "test_harness")
    _, _, left = printed.partition("Lines whose meaning is not certain")
    assert re.findall(r"^  (tests\S+:\d+): ", left, re.MULTILINE) == [
        "tests/conftest.py:21",
        "tests/conftest.py:24",
        "tests/conftest.py:28",
    ]
    assert '      pluginmanager.import_plugin("test_harness.plugin")\n' in left


def test_an_application_with_a_package_of_that_name_keeps_it(
    templates: Templates, tmp_path: Path
) -> None:
    theirs = {
        "harness/__init__.py": "",
        "harness/clients.py": "CLIENTS = 1\n",
        "tools/report.py": "from harness.clients import CLIENTS\nfrom harness.naming import X\n",
    }
    project = old_project(
        templates, build_tree(tmp_path / "project", theirs), *WITHOUT_RUN,
        "--data-file", ANSWERS / "orders.yml",
    )  # fmt: skip
    build_tree(
        project,
        {
            "tests/test_mine.py": "from harness.clients import CLIENTS\n"
            "from harness.assertions import assert_status\n"
        },
    )
    commit_all(project, "Edits")
    printed = updated(project)
    assert {name: (project / name).read_text() for name in theirs} == theirs
    assert (project / "tests/test_mine.py").read_text() == (
        "from harness.clients import CLIENTS\nfrom test_harness import assert_status\n"
    )
    _, _, left = printed.partition("Lines whose meaning is not certain")
    assert re.findall(r"^  (\S+:\d+: .*)$", left, re.MULTILINE) == [
        "tests/test_mine.py:1: from harness.clients import CLIENTS",
        "tools/report.py:2: from harness.naming import X",
    ]


def test_a_fault_of_the_rewriting_costs_no_edit(templates: Templates, tmp_path: Path) -> None:
    broken = Templates(shutil.copytree(templates.path, tmp_path / "templates"), new="v0.3.0")
    project = old_project(broken, tmp_path / "project", *WITHOUT_RUN)
    append(project / "tests/harness.toml", "# Mine.\n")
    commit_all(project, "Edits")
    (broken.path / "updates/old_shape/bringing.py").write_text("1 / 0\n", encoding="utf-8")
    commit_all(broken.path)
    git(broken.path, "tag", broken.new)
    printed = updated(project)
    assert "for a fault of the update and not of yours:\nTraceback" in printed
    assert "ZeroDivisionError" in printed
    assert (project / "tests/harness.toml").read_text().endswith("# Mine.\n")
    assert not list(project.rglob("*.rej"))


@pytest.mark.runs
def test_the_suite_of_an_edited_sample_is_green_and_a_second_update_changes_nothing(
    templates: Templates, tmp_path: Path, suite_python: Path
) -> None:
    environment = {"VIRTUAL_ENV": str(suite_python.parents[1])}
    project = old_project(templates, tmp_path / "project", "--skip-tasks")
    edit(project)
    printed = updated(project, **environment)
    assert len(re.findall(r"^Green: ", printed, re.MULTILINE)) == 1
    commit_all(project, "Updated")
    updated(project, **environment)
    # What a run leaves there is of no repository; here everything is committed by force.
    assert git(project, "status", "--porcelain", "--", ".", ":!.pytest_cache") == ""


@pytest.mark.runs
def test_an_adopted_backend_is_green_with_the_factories_and_the_tests_it_has(
    templates: Templates, tmp_path: Path, suite_python: Path
) -> None:
    environment = {"VIRTUAL_ENV": str(suite_python.parents[1])}
    project = tmp_path / "project"
    shutil.copytree(ROOT / "tests/backends/orders", project)
    before = old_project(templates, project, "--data-file", ANSWERS / "orders.yml", **environment)
    own = {name: content for name, content in files_of(before).items() if name.startswith("tests/")}
    build_tree(
        project,
        {
            "tests_harness/test_mine.py": "from harness.assertions import assert_status\n\n\n"
            "def test_mine(client):\n    assert_status(client.get('/health'), 200)\n"
        },
    )
    commit_all(project, "Edits")
    printed = updated(project, **environment)
    assert len(re.findall(r"^Green: ", printed, re.MULTILINE)) == 1
    after = files_of(project)
    assert {name: content for name, content in after.items() if name.startswith("tests/")} == own
    assert {
        f"tests_harness/{name}" for name in (".gitignore", "__init__.pyi", "ruff.toml")
    } <= after.keys()
    assert b"from test_harness import ModelFactory" in after["tests_harness/factories/user.py"]
    assert mentions(after) == []
