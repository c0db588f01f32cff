"""docs/requirements.md has every row, and each names a file and a test that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from test_harness.commands.main import COMMANDS
from tests.worlds import ROOT
from tools.matrix import chosen

TEXT = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
# How many rows each group has.
GROUPS = {"S0.": 10, "S1.": 14, "S2.": 10, "S3.": 18, "S4.": 12, "B": 12}
STATE = re.compile(r"done|(in part|not): \S.*")
CODE = re.compile(r"`([^`]+)`")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@cache
def names_in(file: Path) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(file.read_bytes())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def is_there(command: str) -> bool:
    """Return whether a command can be run: a test, a target, a command, cells of the matrix."""
    file, colons, test = command.partition("::")
    first, _, rest = command.partition(" ")
    if colons:
        return (ROOT / file).is_file() and test in names_in(ROOT / file)
    if first == "make":
        return rest in TARGETS
    if first == "test-harness":
        return rest.split()[0] in COMMANDS
    return rest.startswith("-m tools.matrix ") and any(chosen(rest.split()[-1]))


def wrong_with(text: str) -> Iterator[str]:
    """Yield what is wrong with the rows of a text."""
    rows = re.findall(r"^\| ([SB][\d.]+) \|(.*)\|$", text, re.MULTILINE)
    wanted = [f"{group}{at + 1}" for group, last in GROUPS.items() for at in range(last)]
    names = [name for name, _ in rows]
    yield from (f"{name} is missing" for name in wanted if name not in names)
    yield from (f"{name} is there twice" for name in set(names) if names.count(name) > 1)
    yield from (f"{name} is no row" for name in names if name not in wanted)
    for name, rest in rows:
        what, state, where, shown = (cell.strip() for cell in rest.split(" | "))
        if not what or not STATE.fullmatch(state):
            yield f"{name} is {state!r}"
        files, commands = CODE.findall(where), CODE.findall(shown)
        if state == "done" and not (files and any("::" in it for it in commands)):
            yield f"{name} is done and names no file or no test"
        yield from (f"{name}: there is no {it}" for it in files if not (ROOT / it).exists())
        yield from (f"{name}: nothing runs {it}" for it in commands if not is_there(it))


def test_every_row_names_what_is_there() -> None:
    assert list(wrong_with(TEXT)) == []


def test_there_are_76_rows() -> None:
    assert sum(GROUPS.values()) == 76


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| S0.2 |", "| S0.3 |", "S0.2 is missing"),
        ("| S0.2 |", "| S0.3 |", "S0.3 is there twice"),
        ("| B12 |", "| B13 |", "B13 is no row"),
        ("seeding.py`", "sowing.py`", "S0.2: there is no src/test_harness/sowing.py"),
        ("test_a_password_is_shown_nowhere", "test_none", "test_whose.py::test_none"),
        ("`make canaries`", "`make birds`", "B3: nothing runs make birds"),
        ("matrix s0-`", "matrix s9-`", "S0.8: nothing runs python -m tools.matrix s9-"),
        (
            "| done | `src/test_harness/seeding.py`",
            "| not | `src/test_harness/seeding.py`",
            "S0.2 is",
        ),
        ("`src/test_harness/seeding.py`", "-", "S0.2 is done and names no file"),
    ],
)
def test_a_row_that_is_wrong_is_told(old: str, new: str, said: str) -> None:
    assert TEXT.count(old)
    assert [line for line in wrong_with(TEXT.replace(old, new, 1)) if said in line] != []
