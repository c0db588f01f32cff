"""The part of conftest.py that loads the harness, which is the user's and written once."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from test_harness.commands.old_shape.mentions import Left

OLD_START = """\
HERE = Path(__file__).resolve().parent
BESIDE, ABOVE = HERE / "pytest.ini", HERE.parent / "pytest.ini"
OUR_CONFIGURATION = BESIDE if BESIDE.exists() else ABOVE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if parser.extra_info.get("inifile") == str(OUR_CONFIGURATION):
"""
OURS = re.compile(r"\bharness\.")

# The newer of them looked for an environment of the tests first.
OLD_LOADINGS = (
    OLD_START
    + """\
        from harness.restart import in_the_environment_of_the_tests

        in_the_environment_of_the_tests(pluginmanager)
        pluginmanager.import_plugin("harness.plugin")
""",
    OLD_START + '        pluginmanager.import_plugin("harness.plugin")\n',
)
OLD_PASSING = """\
def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.pluginmanager.has_plugin("harness.plugin") else True
"""


def rewritten(source: str, template: Path) -> tuple[str, list[Left], list[range]]:
    """Return conftest.py with what loads the engine in the place of what loaded the machinery.

    Args:
        source: What the file says.
        template: The file as it is rendered now.

    Returns:
        What the file has to say, the lines that a person has to see to, and those lines that are
        not to be rewritten by others.
    """
    if '"harness.plugin"' not in source:
        return source, [], []
    new = template.read_text(encoding="utf-8")
    loading, passing = _parts(new)
    old = next((text for text in OLD_LOADINGS if text in source), None)
    if old is None or OLD_PASSING not in source:
        return source, *_shown(source, loading, passing)
    source = source.replace(old, loading).replace(OLD_PASSING, passing)
    return _with_imports(source, new), [], []


def _parts(new: str) -> tuple[str, str]:
    """Return what loads the engine, and what passes the folder over without it."""
    body = ast.parse(new).body
    lines = new.splitlines(keepends=True)
    start = next(
        node.lineno for node in body if not isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr))
    )
    passing = next(
        node
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name == "pytest_ignore_collect"
    )
    end = passing.end_lineno or passing.lineno
    loading = "".join(lines[start - 1 : passing.lineno - 1]).rstrip("\n") + "\n"
    return loading, "".join(lines[passing.lineno - 1 : end])


def _shown(source: str, loading: str, passing: str) -> tuple[list[Left], list[range]]:
    """Name the lines of a loading part that was edited, and what has to stand there."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return [], []
    spared = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")
    ]
    lines = source.split("\n")
    numbers = [
        number for lines_of in spared for number in lines_of if OURS.search(lines[number - 1])
    ]
    whole = f"let this load the engine, in the place of what it was:\n{_indented(loading, passing)}"
    fixes = [whole, *["see the lines above."] * len(numbers)]
    left = [
        Left(number, lines[number - 1].strip(), "You edited what loads the harness.", fix)
        for number, fix in zip(numbers, fixes, strict=False)
    ]
    return left, spared


def _indented(loading: str, passing: str) -> str:
    text = f"{loading}\n\n{passing}"
    return "\n".join(f"      {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _with_imports(source: str, new: str) -> str:
    """Return a file with those imports of the new one that it does not have."""
    wanted = _top_imports(new)
    there = _top_imports(source)
    missing = [line for line in wanted if line not in there]
    if not missing:
        return source
    lines = source.split("\n")
    order = sorted({*there, *missing}, key=lambda line: (line.startswith("from"), line))
    for line in missing:
        # Before the import that it precedes in order, if there is one of the same group.
        later = [one for one in order[order.index(line) + 1 :] if one in lines]
        place = lines.index(later[0] if later else there[-1])
        lines.insert(place, line)
    return "\n".join(lines)


def _top_imports(source: str) -> Sequence[str]:
    """Return the imports of modules of Python itself, each on a line, which are not conditional."""
    body = ast.parse(source).body
    found = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [
        text
        for node in found
        for text in [ast.get_source_segment(source, node) or ""]
        if "\n" not in text and "__future__" not in text and text != "import pytest"
    ]
