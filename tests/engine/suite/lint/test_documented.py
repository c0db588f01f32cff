"""Each code has a page in docs/lint.md; its two examples are one weak test and one that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.suite.lint.linting import Linter, lint
from test_harness.suite.lint.ruff import RULES as OF_RUFF
from test_harness.suite.lint.rules.registry import RULES
from test_harness.suite.reading.configuration import Configuration
from tests.worlds import ROOT, build_tree

PAGE = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
SECTION = re.compile(
    r"^## (?P<code>TH\d+) (?P<name>[\w-]+)\n\n(?P<why>[^\n]+)\n\n"
    r"Weak:\n\n```python\n(?P<weak>.*?)```\n\nBetter:\n\n```python\n(?P<better>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = {match["code"]: match for match in SECTION.finditer(PAGE)}
# What only running code tells; test_patches.py has both examples run.
BY_RUNNING = {"TH702", "TH703"}
HELPER = "class UserFactory:\n    name = 'Ada'\n"


def found_in(text: str, folder: Path) -> list[str]:
    """Return the codes that are found in a file of tests."""
    build_tree(folder, {"test_it.py": text, "factories.py": HELPER})
    linter = Linter(Configuration(folder), folder)
    return [one.code for one in lint([folder / "test_it.py"], linter)]


def test_every_rule_is_described_under_its_name() -> None:
    described = {code: match["name"] for code, match in SECTIONS.items()}
    assert described == {rule.code: rule.name for rule in RULES}


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.code not in BY_RUNNING])
def test_the_weak_example_is_found_and_the_better_one_is_not(code: str, tmp_path: Path) -> None:
    section = SECTIONS[code]
    assert found_in(section["weak"], tmp_path) == [code]
    assert found_in(section["better"], tmp_path) == []


def test_every_rule_of_ruff_is_named_with_what_it_means() -> None:
    rows = dict(re.findall(r"^\| ([A-Z]+\d+) \| (.+?) \|$", PAGE, re.MULTILINE))
    assert rows == OF_RUFF
