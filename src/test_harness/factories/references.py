"""Factories that tests and fixtures name, and that are not there: found before anything runs."""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.project import factories_module, suite_dir


def missing_references() -> Iterator[HarnessError]:
    """Yield an error for each name that a file of the tests takes from `factories` in vain."""
    module = factories_module()
    if importlib.util.find_spec(module) is None:
        return
    known = dir(importlib.import_module(module))
    for path in sorted(suite_dir().rglob("*.py")):
        within = path.relative_to(suite_dir()).parts
        if within[0] in {"test_harness", module, f"{module}.py"} or within[0].startswith("."):
            continue
        for line, name in _names_of(path, module):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                instead = f"Write {near[0]} instead, or have" if near else "Have"
                yield HarnessError(
                    f"{'/'.join(within)}:{line} hands out {name}, which `{module}` does not have.",
                    f"{instead} `make factories` write it.",
                )


def _names_of(path: Path, module: str) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return  # pytest says it better
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if one.name == module}
        elif isinstance(node, ast.ImportFrom) and node.module == module:
            yield from ((node.lineno, one.name) for one in node.names if one.name != "*")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in modules
        ):
            yield node.lineno, node.attr
