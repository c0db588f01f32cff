"""Rewrites names where they are used: `harness.a.b` after `import harness.a`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from updates.old_shape.homes import ENGINE, PUBLIC, joined, module_home, split, successor, way_out
from updates.old_shape.source import Changes, Edit, Source, UncertainError, guarded


def changes(source: Source) -> Changes:
    """Find the names that begin with the old machinery, and what they are now."""
    imported = {
        alias.name
        for node in source.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if not alias.asname and alias.name.split(".")[0] == "harness"
    }
    if not imported or is_bound_otherwise(source):
        return
    homes = _imported_homes(source)
    for node, rest in _chains(source):
        if not source.project.is_kept(rest):
            yield from guarded(node, _renamed(source, node, rest, homes))


def is_bound_otherwise(source: Source) -> bool:
    """Say whether the name `harness` is also given to something else than the old machinery."""
    return any(
        (isinstance(node, ast.Name) and node.id == "harness" and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.arg) and node.arg == "harness")
        or "harness" in (getattr(node, "name", None), getattr(node, "asname", None))
        for node in source.nodes
        if not (isinstance(node, ast.alias) and node.asname is None)
    )


def only_public(source: Source) -> bool:
    """Say whether names below `harness` are used, and all of them are public ones now."""
    chains = [split(rest)[1] for _, rest in _chains(source)]
    return bool(chains) and all(names.partition(".")[0] in PUBLIC for names in chains)


def _chains(source: Source) -> Iterator[tuple[ast.Attribute, str]]:
    """Find `harness.a.b.c` where it is used: the whole of it, and what follows the first dot."""
    inner = {id(node.value) for node in source.nodes if isinstance(node, ast.Attribute)}
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            dotted = _dotted(node)
            if dotted is not None and dotted.startswith("harness."):
                yield node, dotted.removeprefix("harness.")


def _dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` for the expression that says so, None for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return None if before is None else f"{before}.{node.attr}"
    return None


def _imported_homes(source: Source) -> set[str]:
    """Return the modules of the engine that the file will import by name, and those above them."""
    found = {ENGINE}
    for node in source.nodes:
        for alias in node.names if isinstance(node, ast.Import) else ():
            parts = (module_home(source.project.ours(alias.name) or "") or "").split(".")
            found |= {".".join(parts[:end]) for end in range(2, len(parts) + 1)}
    return found


def _renamed(source: Source, node: ast.Attribute, rest: str, homes: set[str]) -> Iterator[Edit]:
    module, names = split(rest)
    home = successor(module, names, public=True)
    if home not in homes:
        raise UncertainError(
            f"Nothing in this file imports what harness.{rest} is in the engine.",
            f"{way_out(module, names)}.",
        )
    yield source.edit(node, f"harness.{rest}", joined(home, names))
