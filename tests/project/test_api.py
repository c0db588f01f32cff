"""docs/api.md has every name that rendered files and the tests of users import, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import test_harness
from tests.worlds import ROOT

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
PUBLIC, _, CHECKS = TEXT.partition("## What generated checks import")
RENDERED = ROOT / "template"
SAMPLES = ROOT / "samples"


def imported(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the module below `test_harness` and the name of each import from the engine."""
    for path in root.rglob("*.py"):
        if "test_harness" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("test_harness."):
                for alias in node.names:
                    yield str(node.module).removeprefix("test_harness").lstrip("."), alias.name


def test_every_public_name_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)[`(]", PUBLIC, re.MULTILINE)
    assert sorted(rows) == sorted(test_harness.__all__)


def test_the_rendered_readme_has_the_public_names_too() -> None:
    [readme] = RENDERED.glob("*/README.md.jinja")
    text = readme.read_text(encoding="utf-8")
    names = [name for name in test_harness.__all__ if name != "__version__"]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_what_generated_checks_import_is_documented() -> None:
    rows = {
        module: set(re.findall(r"`(\w+)`", names))
        for module, names in re.findall(r"^\| `([\w.]+)` \| (.*) \|$", CHECKS, re.MULTILINE)
    }
    used: dict[str, set[str]] = {}
    for module, name in imported(RENDERED):
        if module:
            used.setdefault(module, set()).add(name)
    assert rows == used


def test_what_belongs_to_users_imports_public_names_only() -> None:
    settings = ("settings", "settings")
    names = {("", name) for name in test_harness.__all__} | {settings}
    adopted = [path for path in RENDERED.iterdir() if "adopted" in path.name]
    found = {one for root in (SAMPLES, *adopted) for one in imported(root)}
    assert found - names == set()
