"""Imports in files that move, and of files that move, as they have to be afterwards."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path


def repaired(path: Path, text: str, moved: Mapping[Path, Path], roots: list[Path]) -> str:
    """Return what a file says once some files have moved, itself maybe among them.

    Args:
        path: Where it lies before.
        text: What it says.
        moved: The new places of files, by the old ones.
        roots: Folders that imports start from.
    """
    lines = text.splitlines(keepends=True)
    new_home = moved.get(path, path)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            said = _from(node, path, new_home, moved, roots)
            if said is not None:
                _replace(lines, node, "from ", " import", said)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                target = _module(alias.name, roots)
                if target is not None and target in moved:
                    _replace_name(lines, alias, _dotted(moved[target], roots) + _as(alias))
    return "".join(lines)


def _from(
    node: ast.ImportFrom, path: Path, new_home: Path, moved: Mapping[Path, Path], roots: list[Path]
) -> str | None:
    """Return what is to stand between `from` and `import`; None where it stays."""
    if not node.level:
        target = _module(node.module or "", roots)
        new = moved.get(target) if target is not None else None
        return _dotted(new, roots) if new is not None else None
    folder = path.parents[node.level - 1]
    parts = (node.module or "").split(".") if node.module else []
    base = folder.joinpath(*parts)
    old = next(
        (one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()), base
    )
    new = moved.get(old, old)
    if new == old and new_home.parent == path.parent:
        return None
    return _relative(new, new_home)


def _relative(target: Path, home: Path) -> str:
    """Return a relative import of a file or folder: `..helpers`."""
    whole = target.parent if target.name == "__init__.py" else target.with_suffix("")
    level, folder = 1, home.parent
    while not whole.is_relative_to(folder):
        level, folder = level + 1, folder.parent
    return "." * level + ".".join(whole.relative_to(folder).parts)


def _module(name: str, roots: list[Path]) -> Path | None:
    """Return the file of a full name."""
    for root in roots:
        base = root.joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None


def _dotted(path: Path, roots: list[Path]) -> str:
    inside = [root for root in roots if path.is_relative_to(root)]
    root = max(inside, key=lambda one: len(one.parts))
    return ".".join(path.relative_to(root).with_suffix("").parts)


def _as(alias: ast.alias) -> str:
    return f" as {alias.asname}" if alias.asname else ""


def _replace(lines: list[str], node: ast.ImportFrom, start: str, end: str, said: str) -> None:
    row = node.lineno - 1
    line = lines[row]
    head = line.index(start, node.col_offset) + len(start)
    lines[row] = line[:head] + said + line[line.index(end, head) :]


def _replace_name(lines: list[str], alias: ast.alias, said: str) -> None:
    row, line = alias.lineno - 1, lines[alias.lineno - 1]
    lines[row] = line[: alias.col_offset] + said + line[alias.end_col_offset :]
