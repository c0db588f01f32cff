"""One module of the application as a tree that can be changed, and the changes that break it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from test_harness.suite.sabotage.words import last_name

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef

# Which tests may notice: those that run the lines, those that ask for the routes that the function
# or the class has to do with, those that ask for a route of the module, or for any.
LINES, ROUTES, MODULE, ANY = "lines", "routes", "module", "any"


@dataclass(frozen=True)
class Change:
    """What breaks a module.

    Args:
        node: What is changed.
        what: In words that end a sentence: `drops the dependency require_admin`.
        advice: One sentence on what to test.
        apply: Changes the tree.
        reach: Which tests may notice: `LINES`, `ROUTES`, `MODULE` or `ANY`.
    """

    node: ast.AST
    what: str
    advice: str
    apply: Callable[[], None]
    reach: str = LINES


@dataclass(frozen=True)
class Module:
    """A module of the application.

    Args:
        path: Its file.
        tree: What stands in it.
    """

    path: Path
    tree: ast.Module = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Module:
        """Read a file.

        Raises:
            SyntaxError: It is not one of Python.
        """
        return cls(path, ast.parse(path.read_bytes(), filename=str(path)))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each node stands in."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def scope_of(self, node: ast.AST) -> Scope | None:
        """Return the function or the class that a node stands in; itself, if it is one."""
        found: ast.AST | None = node
        while found is not None and not isinstance(found, Scope):
            found = self.parents.get(found)
        return found

    def outermost(self, node: ast.AST) -> Scope | None:
        """Return the function that a node stands in and that stands in no other, or the class."""
        found = self.scope_of(node)
        above = None if found is None else self.parents.get(found)
        while found is not None and above is not None:
            outer = self.scope_of(above)
            if not isinstance(outer, Function):
                break
            found, above = outer, self.parents.get(outer)
        return found

    def name_of(self, node: ast.AST) -> str:
        """Return what the function or class is called that a node stands in: `Shop.items`."""
        names: list[str] = []
        found: ast.AST | None = node
        while found is not None:
            if isinstance(found, Scope):
                names.insert(0, found.name)
            found = self.parents.get(found)
        return ".".join(names)

    def lines_of(self, node: ast.AST) -> tuple[int, int]:
        """Return the first and the last line of the statement that a node stands in."""
        found, lines = node, [(getattr(node, "lineno", 1), getattr(node, "end_lineno", 1))]
        while not hasattr(found, "body") and (above := self.parents.get(found)) is not None:
            if hasattr(found, "lineno"):
                lines.append((found.lineno, getattr(found, "end_lineno", found.lineno)))
            found = above
        return min(first for first, _ in lines), max(last for _, last in lines)

    def assigned(self, node: ast.AST) -> str:
        """Return what a statement assigns to that a node stands in; empty where it does not."""
        found: ast.AST | None = node
        while found is not None and not isinstance(found, (ast.Assign, ast.AnnAssign, ast.arg)):
            found = self.parents.get(found)
        if isinstance(found, ast.arg):
            return found.arg
        if found is None:
            return ""
        target = found.target if isinstance(found, ast.AnnAssign) else found.targets[0]
        return last_name(target)

    def functions(self) -> Iterator[Function]:
        """Yield every function, those in classes and functions included."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def replace(self, node: ast.AST, other: ast.AST | None) -> None:
        """Put something in the place of a node, or nothing.

        Args:
            node: Stands in the tree.
            other: What comes instead: of a statement None is for `pass`, in a list for nothing.
        """
        if other is None and isinstance(node, ast.stmt):
            other = ast.Pass()
        if other is not None:
            ast.copy_location(other, node)
        parent = self.parents[node]
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, other)
            elif isinstance(value, list) and any(one is node for one in value):
                at = next(place for place, one in enumerate(value) if one is node)
                value[at : at + 1] = [] if other is None else [other]


def readable(path: Path) -> Module | None:
    """Return a module; None where the file is gone, or is none of Python."""
    try:
        return Module.read(path)
    except (SyntaxError, OSError):
        return None
