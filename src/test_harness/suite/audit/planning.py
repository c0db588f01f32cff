"""Which files of tests move where in a layout, and why some do not."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from test_harness.suite.audit.auditing import Audit, Entry
from test_harness.suite.audit.kinds import SUPPORT
from test_harness.suite.audit.layouts import Layout, Place
from test_harness.suite.reading.cases import is_fixture
from test_harness.suite.reading.configuration import Configuration


@dataclass(frozen=True)
class Move:
    """A file that moves.

    Args:
        old: Where it lies.
        new: Where it goes.
    """

    old: Path
    new: Path


@dataclass(frozen=True)
class Plan:
    """What a layout asks for.

    Args:
        moves: The files that move.
        stays: Those that would, and do not, with the reason.
    """

    moves: list[Move]
    stays: dict[Path, str]


def plan(audit: Audit, layout: Layout, configuration: Configuration) -> Plan:
    """Return which files move.

    Args:
        audit: What there is.
        layout: Where it should lie.
        configuration: That of pytest.
    """
    root = configuration.root
    moves: list[Move] = []
    stays: dict[Path, str] = {}
    taken = {entry.path for entry in audit.entries}
    for entry in audit.entries:
        if entry.kind == SUPPORT:
            continue
        folder = layout.folder(_place(entry, audit, root))
        if not folder or root / folder == entry.path.parent:
            continue
        # A folder of subjects below the one of its kind is fine as it is.
        if entry.path.is_relative_to(root / folder):
            continue
        new = root / folder / entry.path.name
        reason = _obstacle(entry, new, audit)
        if not reason and (new in taken or new.exists()):
            new = new.with_name(_with_parent(entry.path))
            reason = "another file there has its name" if new in taken or new.exists() else ""
        if reason:
            stays[entry.path] = reason
        else:
            taken.add(new)
            moves.append(Move(entry.path, new))
    return Plan(moves, stays)


def _place(entry: Entry, audit: Audit, root: Path) -> Place:
    found = audit.project.find(entry.subject, entry.module) if entry.imported else None
    subject = found[0].path if found is not None else None
    inside = subject is not None and subject.is_relative_to(root)
    return Place(
        entry.kind,
        entry.layer,
        subject.relative_to(root).as_posix() if subject is not None and inside else "",
        _tests_folder(entry.path, root),
        entry.path.name,
    )


def _tests_folder(path: Path, root: Path) -> str:
    """Return the folder of the tests that a file lies in: the outermost called after them."""
    parts = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
    for number, part in enumerate(parts):
        if part.startswith("test"):
            return "/".join(parts[: number + 1])
    return "tests"


def _with_parent(path: Path) -> str:
    """Return a name that says where a file came from: `test_users.py` of `crud/` is of that."""
    parent = path.parent.name.removeprefix("test_")
    return f"test_{parent}_{path.name.removeprefix('test_')}"


def _obstacle(entry: Entry, new: Path, audit: Audit) -> str:
    """Return why a file cannot move; empty where it can."""
    module = entry.module
    if any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(module.tree)):
        return "it finds files by its own place (`__file__`)"
    lost = [*_conftests(entry.path, new)]
    for path in lost:
        conftest = audit.project.read(path)
        if conftest is None:
            continue
        names = {one.name for one in conftest.functions if is_fixture(one, conftest)}
        used = sorted(names & set(_asked(entry)))
        hooks = sorted(
            one.name for one in conftest.functions
            if one.name.startswith("pytest_") or _is_autouse(one.node)
        )  # fmt: skip
        if used or hooks:
            what = ", ".join(f"`{name}`" for name in (used or hooks))
            return f"it needs {what} of {path.parent.name}/conftest.py, which would not be above it"
    beside = [*_beside(entry, audit)]
    return f"it imports {beside[0]} from beside it" if beside else ""


def _conftests(old: Path, new: Path) -> Iterator[Path]:
    """Yield each conftest.py that is above the old place and not above the new one."""
    for folder in old.parents:
        if new.is_relative_to(folder):
            return
        if (folder / "conftest.py").is_file():
            yield folder / "conftest.py"


def _asked(entry: Entry) -> Iterator[str]:
    for scope in entry.module.functions:
        yield from scope.parameters
    for node in ast.walk(entry.module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # `usefixtures("...")`, `getfixturevalue("...")`


def _is_autouse(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.keyword) and part.arg == "autouse"
        for decorator in getattr(node, "decorator_list", ())
        for part in ast.walk(decorator)
    )


def _beside(entry: Entry, audit: Audit) -> Iterator[str]:
    """Yield modules that are found only because they lie in the folder of the file."""
    folder = entry.path.parent
    if (folder / "__init__.py").exists():
        return
    names: Iterable[str] = entry.module.imports.values()
    for name in names:
        first = name.partition(".")[0]
        is_there = any((folder / end).exists() for end in (f"{first}.py", first))
        others = (root for root in audit.project.roots if root != folder)
        if first and is_there and not any((root / first).exists() for root in others):
            yield first
