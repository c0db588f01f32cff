"""Rewrites the statements that import the old machinery."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from updates.old_shape.homes import module_home, name_home, was_ours, way_out
from updates.old_shape.import_order import from_import
from updates.old_shape.names import is_bound_otherwise, only_public
from updates.old_shape.source import Changes, Edit, Source, UncertainError, guarded

IMPORTED_MODULE = re.compile(r"from(?P<space>[\s\\]*)(?P<module>\.*\s*[\w.]*)")


def changes(source: Source) -> Changes:
    """Find the imports that have to be changed."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from guarded(node, _import(source, node))
        elif isinstance(node, ast.ImportFrom):
            yield from guarded(node, _from_import(source, node))


def _import(source: Source, node: ast.Import) -> Iterator[Edit]:
    project = source.project
    for alias in node.names:
        module = project.ours(alias.name)
        if module is None or (module and project.is_kept(module)):
            continue
        if project.has_own_harness and not was_ours(module):
            continue
        source.not_theirs(module)
        home = module_home(module)
        if not module and (alias.asname or not only_public(source)):
            raise UncertainError(
                "It imports the old machinery as a whole, and more of it than is public.",
                "import what it needs from `test_harness`.",
            )
        if home is None:
            raise UncertainError(f"The engine has no harness.{module}.", f"{way_out(module)}.")
        is_plain = alias.name.split(".")[0] == "harness"
        if module and not alias.asname and (is_bound_otherwise(source) or not is_plain):
            raise UncertainError(
                "The name `harness` means more than one thing in this file.",
                f"import {home}, and write that where the name is used.",
            )
        yield source.edit(alias, alias.name, home)


def _from_import(source: Source, node: ast.ImportFrom) -> Iterator[Edit]:
    project = source.project
    module = _module_of(source, node)
    if module is None or (module and project.is_kept(module)):
        return
    below = [f"{module}.{alias.name}".lstrip(".") for alias in node.names]
    if all(project.is_kept(name) for name in below):
        return
    meant = [module] if module else below
    if project.has_own_harness and not all(map(was_ours, meant)):
        return
    source.not_theirs(*meant)
    homes = [
        # What they put there themselves is where it was.
        ("." * node.level + (node.module or ""), alias.name)
        if project.is_kept(name)
        else _home_of(module, alias.name)
        for alias, name in zip(node.names, below, strict=True)
    ]
    targets = {target for target, _ in homes}
    if len(targets) > 1:
        yield _broken_up(source, node, homes)
        return
    start, end = source.span(node)
    found = IMPORTED_MODULE.match(source.text, start, end)
    assert found is not None
    yield Edit(start, found.end(), f"from{found['space'] or ' '}{targets.pop()}")
    for alias, (_, name) in zip(node.names, homes, strict=True):
        if alias.name != name:
            # What follows an `as` stays as it is.
            now = name if alias.asname else _renamed(alias, name)
            yield source.edit(alias, alias.name, now)


def _module_of(source: Source, node: ast.ImportFrom) -> str | None:
    """Return what follows `harness.` in the name of the module that is imported from."""
    if not node.level:
        return source.project.ours(node.module or "")
    package = PurePosixPath(source.name).parts[: -node.level]
    absolute = (*package, *(node.module or "").split(".")) if node.module else package
    if absolute[:2] == (source.project.tests, "harness"):
        return ".".join(absolute[2:])
    if absolute == (source.project.tests,) and any(one.name == "harness" for one in node.names):
        raise UncertainError(
            "It imports the old machinery as a whole.",
            "import what it needs from `test_harness`.",
        )
    return None


def _home_of(module: str, name: str) -> tuple[str, str]:
    home = module_home(module)
    found = name_home(module, name) if name != "*" else (home, name) if home and module else None
    if found is None:
        old = f"harness.{module}".rstrip(".")
        raise UncertainError(f"The engine has no {name} of {old}.", f"{way_out(module, name)}.")
    return found


def _broken_up(source: Source, node: ast.ImportFrom, homes: Sequence[tuple[str, str]]) -> Edit:
    """One import as several, because its names have several homes now."""
    start, end = source.span(node)
    groups: dict[str, list[str]] = {}
    for alias, (target, name) in zip(node.names, homes, strict=True):
        groups.setdefault(target, []).append(_renamed(alias, name))
    if any(start <= place < end for _, place, _ in source.comments):
        raise UncertainError(
            "Its names have several homes now, and there are comments between them.",
            "; ".join(f"`{from_import(*group)}`" for group in sorted(groups.items())) + ".",
        )
    before = source.text[:start].rpartition("\n")[2]
    after = source.text[end:].split("\n", 1)[0].strip()
    alone = not before.strip() and not after.startswith(";")
    newline = "\r\n" if "\r\n" in source.text else "\n"
    lines = [
        from_import(target, names, before if alone else "")
        for target, names in sorted(groups.items())
    ]
    joined = f"\n{before}".join(lines) if alone else "; ".join(lines)
    return Edit(start, end, joined.replace("\n", newline))


def _renamed(alias: ast.alias, name: str) -> str:
    """Return how a name is imported that is called otherwise now, and stays what it is here."""
    here = alias.asname or (alias.name if name != alias.name else "")
    return f"{name} as {here}" if here else name
