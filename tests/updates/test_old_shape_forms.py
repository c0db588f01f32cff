"""What becomes of each form in which a file can name the old machinery, and what is left."""

from __future__ import annotations

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.worlds import ROOT, build_tree
from updates.old_shape import loading, other_files, python_files
from updates.old_shape.homes import ENGINE, MOVED, MOVED_NAMES, module_home, was_ours
from updates.old_shape.mentions import OldProject

CONFTEST = ROOT / "template/{{ tests_dir }}/conftest.py"


@pytest.fixture
def project(tmp_path: Path) -> OldProject:
    build_tree(tmp_path, {"tests/checks/test_infrastructure.py": "", "tests/harness/mine.py": ""})
    return OldProject(tmp_path, "tests", ("tests/harness/mine.py",))


# Lines on the left are those of a file, and on the right what they have to be.
REWRITTEN = {
    "a public name": (
        "from harness.assertions import assert_status",
        "from test_harness import assert_status",
    ),
    "public names that had several homes": (
        "from harness.auth import PASSWORD\nfrom harness.factory import ModelFactory",
        "from test_harness import PASSWORD, ModelFactory",
    ),
    "a name that is not public": (
        "from harness.naming import RunName",
        "from test_harness.databases.naming import RunName",
    ),
    "both in one import": (
        "from harness.errors import HarnessError, SettingsError",
        "from test_harness import HarnessError\nfrom test_harness.errors import SettingsError",
    ),
    "both in one import, in a function": (
        "def f():\n    from harness.errors import HarnessError, SettingsError",
        "def f():\n    from test_harness import HarnessError\n"
        "    from test_harness.errors import SettingsError",
    ),
    "both in one import, with something before it": (
        "x = 1; from harness.errors import HarnessError, SettingsError",
        "x = 1; from test_harness import HarnessError; "
        "from test_harness.errors import SettingsError",
    ),
    "another name for it": (
        "from harness.assertions import assert_status as status  # as we say",
        "from test_harness import assert_status as status  # as we say",
    ),
    "in several lines, with a comment": (
        "from harness.assertions import (\n    assert_json,  # a part\n    assert_status,\n)",
        "from test_harness import (\n    assert_json,  # a part\n    assert_status,\n)",
    ),
    "a module": (
        "from harness import clients",
        "from test_harness.application import clients",
    ),
    "a module of a package": (
        "from harness.auth import passwords",
        "from test_harness.application import passwords",
    ),
    "a module that is called otherwise now": (
        "from harness import application",
        "from test_harness.application import loading as application",
    ),
    "a module under another name": (
        "from harness import application as ours",
        "from test_harness.application import loading as ours",
    ),
    "all of a module": (
        "from harness.assertions import *",
        "from test_harness.application.assertions import *",
    ),
    "a name that another module has now": (
        "from harness.migrations.walk import Step",
        "from test_harness.migrations.course import Step",
    ),
    "by the name of the folder": (
        "from tests.harness.assertions import assert_status",
        "from test_harness import assert_status",
    ),
    "relative": (
        "from .harness.assertions import assert_status",
        "from test_harness import assert_status",
    ),
    "a module by its name, and where it is used": (
        "import harness.naming\n\nprint(harness.naming.RunName, harness.auth.PASSWORD)",
        "import test_harness.databases.naming\n\n"
        "print(test_harness.databases.naming.RunName, test_harness.PASSWORD)",
    ),
    "a module under a name of its own": (
        "import harness.clients as ours",
        "import test_harness.application.clients as ours",
    ),
    "what is replaced for a test": (
        'monkeypatch.setattr("harness.auth.PASSWORD", "x")',
        'monkeypatch.setattr("test_harness.auth.styles.PASSWORD", "x")',
    ),
    "a name to be imported": (
        "import_object('harness.factory:ModelFactory')",
        "import_object('test_harness:ModelFactory')",
    ),
    "a plugin": (
        'pytest_plugins = ["harness.doubles.mail"]',
        'pytest_plugins = ["test_harness.doubles.mail"]',
    ),
    "a plugin by option": (
        'pytester.runpytest("-p", "harness.plugin")',
        'pytester.runpytest("-p", "test_harness.plugin")',
    ),
    "a path that moved": (
        'run("tests/harness/checks/test_infrastructure.py", "tests/harness/requirements.txt")',
        'run("tests/checks/test_infrastructure.py", "tests/requirements.txt")',
    ),
    "a comment": (
        "# as in harness.auth.PASSWORD, and in harness.naming",
        "# as in test_harness.PASSWORD, and in test_harness.databases.naming",
    ),
    "a docstring": (
        'def f():\n    """See `harness.seam`."""',
        'def f():\n    """See `test_harness.isolation.seam`."""',
    ),
    "letters of more than one byte before it": (
        'x = "é"; y = "ü", "harness.clients"',
        'x = "é"; y = "ü", "test_harness.application.clients"',
    ),
    "beside a module of the project's own": (
        "from harness import clock, mine",
        "from harness import mine\nfrom test_harness import clock",
    ),
    "in order where it was": (
        "from factories import A\nfrom harness.codes import Code\nfrom sqlalchemy import B",
        "from factories import A\nfrom sqlalchemy import B\nfrom test_harness import Code",
    ),
    "in its place where there was no order": (
        "from harness.factory import ModelFactory\nfrom factories import A",
        "from test_harness import ModelFactory\nfrom factories import A",
    ),
}

# Lines that stay as they are and are not worth a word.
NOT_MEANT = [
    "from harness.mine import MINE",
    "from harness import mine",
    "from app.harness.clients import X",
    "from app import harness",
    "from harnesses.clients import X",
    "harness = runtime()\nharness.seam.keep()",
    'open("tests/harness.toml"), "harness.toml", "tests/harness/mine.py"',
    '"""The test harness. It is new."""',
    'print(f"the harness. {x}")',
]

# Lines that a person has to see to, and a part of what is said of them.
LEFT = {
    "from harness.restart import interpreter_of_the_tests": "no interpreter_of_the_tests",
    "from harness.settings import TESTS_DIR, settings": "call `suite_dir()`",
    "from harness.hook.suite import run_suite": "no run_suite of harness.hook.suite",
    "import harness as ours": "imports the old machinery as a whole",
    "from . import harness": "imports the old machinery as a whole",
    "import harness.naming\n\ndef f(harness):\n    harness.naming.RunName()": "more than one thing",
    'import_module(f"harness.{name}")': "put together while it runs",
    'run("-m", "harness.scenarios")': "as a program",
    'run("-c", "from harness.auth import PASSWORD")': "A text that the program uses",
    '"harness.no"\\\n".clients"\nx = "harness." "clients"': "in several parts",
    'open("tests/harness/settings.py")': "A text that the program uses",
    "from harness.errors import (\n    HarnessError,  #\n    SettingsError)": "comments between",
    "from harness.clients import X\ndef": "It cannot be read",
}


@pytest.mark.parametrize("form", REWRITTEN)
def test_a_form_with_one_certain_successor_is_rewritten(project: OldProject, form: str) -> None:
    before, after = REWRITTEN[form]
    assert python_files.rewritten(f"{before}\n", project, "tests/a.py") == (f"{after}\n", [])


@pytest.mark.parametrize("form", REWRITTEN)
def test_what_was_rewritten_stays_as_it_is(project: OldProject, form: str) -> None:
    after = f"{REWRITTEN[form][1]}\n"
    assert python_files.rewritten(after, project, "tests/a.py") == (after, [])


@pytest.mark.parametrize("form", REWRITTEN)
def test_ends_of_lines_are_kept(project: OldProject, form: str) -> None:
    before, after = (f"{text}\n".replace("\n", "\r\n") for text in REWRITTEN[form])
    assert python_files.rewritten(before, project, "tests/a.py") == (after, [])


@pytest.mark.parametrize("source", NOT_MEANT)
def test_what_has_nothing_to_do_with_it_is_left_alone(project: OldProject, source: str) -> None:
    assert python_files.rewritten(source, project, "tests/a.py") == (source, [])


@pytest.mark.parametrize("source", LEFT)
def test_what_is_not_certain_is_left_and_named(project: OldProject, source: str) -> None:
    after, left = python_files.rewritten(source, project, "tests/a.py")
    assert after == source
    assert [LEFT[source] in f"{one.reason} {one.fix}" for one in left] == [True]


@pytest.mark.parametrize("imported", ["harness", "harness.naming"])
def test_what_is_used_and_was_imported_elsewhere_is_left_and_named(
    project: OldProject, imported: str
) -> None:
    source = f"import {imported}\nprint(harness.seam.Seam)\n"
    after, left = python_files.rewritten(source, project, "tests/a.py")
    assert after.splitlines()[1] == source.splitlines()[1]
    assert "Nothing in this file imports what harness.seam.Seam is" in left[-1].reason


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "Makefile",
            "x: ; pip install -r tests/harness/requirements.txt",
            "tests/requirements.txt",
        ),
        ("ci.yml", "run: ./tests/harness/checks --x", "./tests/checks --x"),
        ("a.mk", "PYTHONPATH=tests python -m harness.scenarios a", "-m test_harness seed a"),
        ("tox.ini", "pytest -p harness.plugin", "-p test_harness.plugin"),
        (
            "pytest.ini",
            "  ignore:old:harness.errors.IsolationWarning",
            "  ignore:old:test_harness.errors.IsolationWarning",
        ),
    ],
)
def test_commands_and_paths_elsewhere_are_rewritten(
    project: OldProject, name: str, before: str, after: str
) -> None:
    text, left = other_files.rewritten(before, project, name)
    assert (text.endswith(after), left) == (True, [])
    assert other_files.rewritten(text, project, name) == (text, [])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Makefile", "x: ; python3 -B tests/harness/hook"),
        ("ci.yml", "run: cat vendor/tests/harness/requirements.txt"),
        ("pyproject.toml", 'known-first-party = ["app", "harness"]'),
        ("pyproject.toml", 'module = ["harness.*"]'),
        ("pyproject.toml", 'exclude = ["tests/harness"]'),
        ("notes.md", "See `harness.seam` and so on."),
        ("a.yml", "run: pytest tests/harness/checks/test_gone.py"),
    ],
)
def test_what_is_not_certain_elsewhere_is_left_and_named(
    project: OldProject, name: str, line: str
) -> None:
    text, left = other_files.rewritten(line, project, name)
    assert (text, [one.text for one in left]) == (line, [line])


@pytest.mark.parametrize("name", ["harness.toml", "notes.md", "pyproject.toml"])
@pytest.mark.parametrize(
    "line",
    ["# test-harness.mk, tests/harness.toml and the harness.", "a = tests/harness/mine.py"],
)
def test_other_words_elsewhere_are_left_alone(project: OldProject, name: str, line: str) -> None:
    assert other_files.rewritten(line, project, name) == (line, [])


@pytest.mark.parametrize("old", loading.OLD_LOADINGS)
def test_each_way_in_which_the_machinery_was_loaded_becomes_the_present_one(old: str) -> None:
    new = CONFTEST.read_text(encoding="utf-8")
    opening = new[new.index('"""') : new.index("import importlib")]
    before = f"{opening}from pathlib import Path\n\nimport pytest\n\n{old}\n\n{loading.OLD_PASSING}"
    assert loading.rewritten(before, CONFTEST) == (new, [], [])
    assert loading.rewritten(new, CONFTEST) == (new, [], [])


BROKEN_BY_A_FORMATTER = (
    "(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:",
    "(\n    parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager\n) -> None:",
)


def test_how_a_formatter_breaks_its_lines_makes_no_difference() -> None:
    new = CONFTEST.read_text(encoding="utf-8")
    opening = new[new.index('"""') : new.index("import importlib")]
    old = loading.OLD_LOADINGS[0].replace(*BROKEN_BY_A_FORMATTER)
    before = f"{opening}from pathlib import Path\n\nimport pytest\n\n{old}\n\n{loading.OLD_PASSING}"
    assert loading.rewritten(before, CONFTEST) == (new, [], [])
    lines = before.replace("\n", "\r\n")
    assert loading.rewritten(lines, CONFTEST) == (new.replace("\n", "\r\n"), [], [])


def test_a_comment_among_what_loads_the_machinery_is_not_lost() -> None:
    before = f"{loading.OLD_LOADINGS[0]}    # Mine.\n    print()\n\n{loading.OLD_PASSING}"
    after, left, spared = loading.rewritten(before, CONFTEST)
    assert (after, len(left), len(spared)) == (before, 3, 2)


@pytest.mark.parametrize("home", [*MOVED.values(), *MOVED_NAMES.values()])
def test_the_engine_has_each_module_of_the_table(home: str) -> None:
    assert module_home(home) == f"{ENGINE}.{home}"


def test_every_module_of_the_old_machinery_is_known() -> None:
    listed = subprocess.run(
        ["git", "archive", "a6f3379b68a957ae8065045d7bb745fa265fe414", "template"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.fail(
            "This checkout has no commit a6f3379, the last of the old shape.\n"
            "  Fix: `git fetch --unshallow`, or clone without --depth."
        )
    folder = "template/{{ tests_dir }}/harness/"
    with tarfile.open(fileobj=BytesIO(listed.stdout)) as archive:
        names = [name.removeprefix(folder) for name in archive.getnames() if folder in name]
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in names
        if name.endswith(".py") and not name.startswith("checks/") and name != "__init__.py"
    }
    assert {module for module in modules if not was_ours(module)} == set()
