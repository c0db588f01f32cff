"""Weak tests are found with their code and line; their healthy twins are left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.suite.lint.linting import Linter, lint
from test_harness.suite.lint.ruff import Ruff, find_ruff
from test_harness.suite.lint.rules.registry import NO_PYTHON, RULES, UNEXPLAINED, UNUSED_IGNORE
from test_harness.suite.reading.configuration import Configuration
from tests.worlds import ROOT

WEAK = ROOT / "tests" / "weak"
FILES = sorted(
    path for path in WEAK.rglob("*.py") if path.name not in ("conftest.py", "factories.py")
)
CODES = re.compile(r"  # ((?:[A-Z]+\d+)(?:, [A-Z]+\d+)*)$")
# Those of `doubles.py` that only running code tells, and what is no matter of a test.
ELSEWHERE = {"TH702", "TH703", NO_PYTHON.code, UNEXPLAINED.code, UNUSED_IGNORE.code}
CONFIGURATION = Configuration(WEAK, python_files=("*.py",))
FEWEST = 60


def expected(path: Path) -> set[tuple[int, str]]:
    """Return what a file says that is to be found in it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = ((number, CODES.search(line)) for number, line in enumerate(lines, 1))
    return {(number, code) for number, match in marked if match for code in match[1].split(", ")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_weak_test_is_found_where_it_is_and_nothing_else(path: Path) -> None:
    linter = Linter(CONFIGURATION, WEAK)
    ruff = Ruff(find_ruff(), [path])
    findings = lint([path], linter)
    more, reason = ruff.findings(linter.files)
    assert reason == ""
    found = {(one.line, one.code) for one in (*findings, *more)}
    assert found == {(line, code) for line, code in expected(path)}


def test_every_code_has_weak_tests_in_two_forms() -> None:
    codes = [code for path in FILES for _, code in expected(path)]
    assert len(codes) >= FEWEST
    forms = {rule.code: codes.count(rule.code) for rule in RULES if rule.code not in ELSEWHERE}
    assert {code: count for code, count in forms.items() if count < 2} == {}


def test_functions_and_classes_sync_and_async_are_among_them() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "async def test_" in text, path.name
        assert "class Test" in text, path.name
