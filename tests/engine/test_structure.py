"""The engine is built of rooms: an import leads down, never up or round; no module is too long."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
import tomllib

import test_harness
from tests import imports
from tests.worlds import ROOT

ENGINE = ROOT / "src" / "test_harness"

# From the top. A room imports only from those below it.
ROOMS = [
    "plugin",
    "anew",
    "drift",
    "policies",
    "collection",
    "time_limits",
    "reports",
    "shortening",
    "commands",
    "demands",
    "observation",
    "serving",
    "findings",
    "fixtures",
    "suite",
    "watch",
    "walk",
    "scenarios",
    "auth",
    "migrations",
    "factories",
    "runtime",
    "isolation",
    "doubles",
    "databases",
    "application",
    "limits",
    "lock",
    "settings",
    "seconds",
    "project",
    "seeding",
    "clock",
    "known",
    "markers",
    "living",
    "errors",
    "endings",
    "git",
    "version",
]
LONGEST = 340


def test_no_room_imports_one_above_it() -> None:
    assert imports.upward(ENGINE, ROOMS, "test_harness") == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert imports.circles(ENGINE, "test_harness") == []


def test_no_module_is_too_long() -> None:
    assert imports.too_long(ENGINE, LONGEST) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ENGINE).as_posix()
        for path in ENGINE.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_bytes()))
    ]
    assert silent == []


def test_the_hook_starts_without_anything_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ENGINE), "--help"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "COMMAND" in done.stdout


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == test_harness.__version__


def test_what_is_public_is_there() -> None:
    for name in test_harness.__all__:
        assert getattr(test_harness, name) is not None, name
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = test_harness.nothing_of_this_name


def test_type_checkers_and_python_find_public_names_in_the_same_places() -> None:
    tree = ast.parse((ENGINE / "__init__.py").read_bytes())
    [checked] = [node for node in tree.body if isinstance(node, ast.If)]
    shown = {
        (str(node.module).removeprefix("test_harness."), alias.name)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    loaded = {(home, name) for home, names in test_harness._HOMES.items() for name in names}
    assert shown == loaded
    assert {name for _, name in loaded} | {"__version__"} == set(test_harness.__all__)
