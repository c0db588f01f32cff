"""The part of conftest.py that loads the harness, which is the user's and written once."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from updates.old_shape.mentions import Left

OLD_START = """\
HERE = Path(__file__).resolve().parent
BESIDE, ABOVE = HERE / "pytest.ini", HERE.parent / "pytest.ini"
OUR_CONFIGURATION = BESIDE if BESIDE.exists() else ABOVE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if parser.extra_info.get("inifile") == str(OUR_CONFIGURATION):
"""
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

OURS = re.compile(r"\bharness\.")


def rewritten(source: str, template: Path) -> tuple[str, list[Left], list[range]]:
    """Return conftest.py with what loads the engine in the place of what loaded the machinery.

    Args:
        source: What the file says.
        template: The file as it is rendered now.

    Returns:
        What the file has to say, the lines that a person has to see to, and those lines that are
        not to be rewritten by others.
    """
    if "\r\n" in source:
        now, left, spared = rewritten(source.replace("\r\n", "\n"), template)
        return now.replace("\n", "\r\n"), left, spared
    if "harness.plugin" not in source or "test_harness.plugin" in source:
        return source, [], []
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return source, [], []
    new = template.read_text(encoding="utf-8")
    loading, passing = _parts(new)
    lines = source.splitlines(keepends=True)
    places = [next(filter(None, (_place(body, lines, old) for old in OLD_LOADINGS)), None)]
    places.append(_place(body, lines, OLD_PASSING))
    found = [
        (place, text)
        for place, text in zip(places, (loading, passing), strict=True)
        if place is not None
    ]
    if len(found) < len(places):
        return source, *_shown(body, lines, loading, passing)
    for place, text in sorted(found, key=lambda one: one[0].start, reverse=True):
        lines[place.start : place.stop] = [text]
    now = _with_imports("".join(lines), new)
    # What the rendered file has above its docstring goes into one that is as it was rendered.
    return (new if new.endswith(now) else now), [], []


def _place(body: Sequence[ast.stmt], lines: Sequence[str], old: str) -> range | None:
    """Return which lines say the same as some that were rendered, however they are formatted.

    Lines with a comment do not, which would be lost.
    """
    wanted = [ast.dump(node) for node in ast.parse(old).body]
    said = [ast.dump(node) for node in body]
    for place in range(len(said) - len(wanted) + 1):
        if said[place : place + len(wanted)] == wanted:
            first, last = body[place], body[place + len(wanted) - 1]
            found = range(first.lineno - 1, last.end_lineno or last.lineno)
            return None if any("#" in lines[number] for number in found) else found
    return None


def _parts(new: str) -> tuple[str, str]:
    """Return what loads the engine, and what passes the folder over without it."""
    body = ast.parse(new).body
    lines = new.splitlines(keepends=True)
    kinds = (ast.Import, ast.ImportFrom, ast.Expr)
    start = next(node.lineno for node in body if not isinstance(node, kinds))
    passing = next(
        node
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name == "pytest_ignore_collect"
    )
    end = passing.end_lineno or passing.lineno
    loading = "".join(lines[start - 1 : passing.lineno - 1]).rstrip("\n") + "\n"
    return loading, "".join(lines[passing.lineno - 1 : end])


def _shown(
    body: Sequence[ast.stmt], lines: Sequence[str], loading: str, passing: str
) -> tuple[list[Left], list[range]]:
    """Name the lines of a loading part that was edited, and what has to stand there."""
    spared = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")
    ]
    numbers = [one for spare in spared for one in spare if OURS.search(lines[one - 1])]
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
    there = _imports_of_python(source)
    missing = [line for line in _imports_of_python(new) if line not in there]
    lines = source.split("\n")
    order = sorted({*there, *missing}, key=lambda line: (line.startswith("from"), line))
    for line in missing:
        # Before the import that it precedes, so that what was in order is so afterwards.
        later = [one for one in order[order.index(line) + 1 :] if one in lines]
        lines.insert(lines.index(later[0] if later else there[-1]), line)
    return "\n".join(lines)


def _imports_of_python(source: str) -> Sequence[str]:
    """Return the imports at the top that are one line, without those whose place is fixed."""
    found = [
        ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return [
        text
        for text in found
        if "\n" not in text and "__future__" not in text and text != "import pytest"
    ]
