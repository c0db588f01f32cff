"""Which tests are new or changed since a commit: by function, and by what those are made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.git import git, last_line

HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
FILE = re.compile(r"^\+\+\+ b/(.+?)\t?$", re.MULTILINE)
TEST_FILE = re.compile(r"(?:test_.*|.*_test|tests)\.py$")
CONFTEST = "conftest.py"
# How long git may take, in seconds.
# What all tests of a file have, whether they name it or not.
OF_ALL = {"pytestmark", "pytest_plugins"}


def changed_tests(project: Path, reference: str, folders: Iterable[Path]) -> list[str]:
    """Return the new and changed tests, as pytest is asked for them in the project's folder.

    A test counts as changed where its own lines are, or those of a function, fixture or constant
    that it names, in its file or in a conftest.py above it.

    Args:
        project: The folder of the project.
        reference: What it is compared with: a commit, or a branch that it came off.
        folders: Where tests are looked for; files count as well.

    Raises:
        HarnessError: git does not know the reference, or there is no repository.
    """
    lines = changed_lines(project, reference)
    places = [*folders]
    found: list[str] = []
    for path in sorted({file for place in places for file in _test_files(place)}):
        name = path.relative_to(project).as_posix()
        above = (folder / CONFTEST for folder in path.parents if folder.is_relative_to(project))
        names: set[str] = set()
        for conftest in above:
            touched = lines.get(conftest.relative_to(project).as_posix(), set())
            if touched:
                names |= Module(conftest).changed_names(touched)
        touched = lines.get(name, set())
        if names or touched:
            found += [f"{name}::{test}" for test in Module(path).changed_tests(touched, names)]
    return found


def changed_lines(project: Path, reference: str) -> dict[str, set[int]]:
    """Return which lines of which Python files are new or changed, the untracked included.

    Args:
        project: The folder of the project.
        reference: What it is compared with.
    """
    base = _git(project, "merge-base", reference, "HEAD").strip()
    diff = _git(
        project, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--relative",
        "--src-prefix=a/", "--dst-prefix=b/", base, "--", "*.py",
    )  # fmt: skip
    found: dict[str, set[int]] = {}
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        file = FILE.search(part)
        for start, count in HUNK.findall(part) if file else ():
            first, number = int(start), int(count or 1)
            # Where lines were taken out, those around them are what is left.
            lines = range(first, first + number) if number else (first, first + 1)
            found.setdefault(file[1], set()).update(lines)  # type: ignore[index]
    new = _git(project, "ls-files", "--others", "--exclude-standard", "-z", "--", "*.py")
    for name in filter(None, new.split("\0")):
        text = (project / name).read_text(encoding="utf-8", errors="replace")
        found[name] = set(range(1, text.count("\n") + 2))
    return found


def _git(project: Path, *arguments: str) -> str:
    done = git(project, *arguments)
    if done.returncode:
        raise HarnessError(
            f"git does not tell what has changed: {last_line(done)}.",
            "Name a commit that is here with --since (a clone may lack history), or name tests.",
        )
    return done.stdout


def _test_files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for path in place.rglob("*.py"):
        hidden = any(part.startswith(".") for part in path.relative_to(place).parts)
        if TEST_FILE.fullmatch(path.name) and not hidden:
            yield path


class Module:
    """What stands in a file of Python, by name."""

    def __init__(self, path: Path) -> None:
        try:
            self._body = ast.parse(path.read_bytes()).body
        except SyntaxError:
            # pytest says where.
            self._body = []

    def changed_names(self, lines: set[int]) -> set[str]:
        """Return the names whose definitions changed, or that name one of those.

        Args:
            lines: The lines that changed.
        """
        names: set[str] = set()
        for node in self._body:
            if lines & _span(node):
                names |= _names(node) or OF_ALL
                if _is_for_all(node):
                    names |= OF_ALL
        return self._closure(names)

    def changed_tests(self, lines: set[int], names: set[str]) -> Iterator[str]:
        """Yield the tests that changed, classes before them.

        Args:
            lines: The lines that changed.
            names: What changed in the files above this one.
        """
        own = [node for node in self._body if not _is_test(node)]
        for node in own:
            if lines & _span(node):
                names = names | (_names(node) or OF_ALL)
                if _is_for_all(node):
                    names |= OF_ALL
        names = self._closure(names)
        for node in self._body:
            if _is_test(node):
                yield from _tests_of(node, lines, names)

    def _closure(self, names: set[str]) -> set[str]:
        while True:
            more = set(names)
            for node in self._body:
                if not _is_test(node) and _mentioned(node) & names:
                    more |= _names(node)
                    if _is_for_all(node):
                        more |= OF_ALL
            if more == names:
                return names
            names = more


def _tests_of(node: ast.AST, lines: set[int], names: set[str]) -> Iterator[str]:
    is_changed = bool(names & OF_ALL)
    if isinstance(node, ast.ClassDef):
        tests = [one for one in node.body if _is_test(one)]
        of_tests = {line for one in tests for line in _span(one)}
        others = [one for one in node.body if not _is_test(one)]
        is_changed |= bool(lines & (_span(node) - of_tests))
        is_changed |= any(_mentioned(one) & names for one in (*others, *node.decorator_list))
        for one in tests:
            for name in _tests_of(one, lines, OF_ALL if is_changed else names):
                yield f"{node.name}::{name}"
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
        is_changed or lines & _span(node) or _mentioned(node) & names
    ):
        yield node.name


def _is_test(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(_is_test(one) for one in node.body)
    is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return is_function and node.name.startswith("test")  # type: ignore[attr-defined]


def _is_for_all(node: ast.AST) -> bool:
    """Tell whether tests have a fixture without asking for it."""
    return any(
        isinstance(keyword, ast.keyword) and keyword.arg == "autouse"
        for decorator in getattr(node, "decorator_list", ())
        for keyword in ast.walk(decorator)
    )


def _span(node: ast.AST) -> set[int]:
    first = min(
        (one.lineno for one in getattr(node, "decorator_list", ())),
        default=node.lineno,  # type: ignore[attr-defined]
    )
    return set(range(first, node.end_lineno + 1))  # type: ignore[attr-defined]


def _names(node: ast.AST) -> set[str]:
    """Return what a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name).partition(".")[0] for one in node.names}
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }


def _mentioned(node: ast.AST) -> set[str]:
    """Return what a statement names: in its code, as an argument, and as a text."""
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            found.add(one.id)
        elif isinstance(one, ast.arg):
            found.add(one.arg)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            # As `usefixtures` has it.
            found.add(one.value)
    return found
