"""What a file says, as rules look at it: its functions, and what stands in each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


class Place:
    """The block that a statement stands in.

    Args:
        kind: `module`, `class`, `def`, `for`, `while`, `if`, `else`, `try`, `except`, `finally`,
            `with` or `case`.
        node: The statement that the block belongs to.
        above: The block around that statement.
        scope: The function, class or module.
    """

    __slots__ = ("above", "kind", "node", "scope")

    def __init__(self, kind: str, node: ast.AST, above: Place | None, scope: Scope) -> None:
        self.kind = kind
        self.node = node
        self.above = above
        self.scope = scope

    def within(self) -> Iterator[Place]:
        """Yield this block and those around it, up to the function or class."""
        place: Place | None = self
        while place is not None and place.scope is self.scope:
            yield place
            place = place.above


class Called(NamedTuple):
    """A call, by the last part of the name that is called."""

    name: str
    node: ast.Call
    place: Place


class Stated(NamedTuple):
    """A statement, and where it stands."""

    node: ast.stmt
    place: Place


class Key(NamedTuple):
    """What is taken out of something by a key that is written there: `tokens["admin"]["access"]`.

    Args:
        node: The expression.
        of: What all of it begins with, a name or a call: `tokens`.
        way: The keys that come before: `admin`.
        key: The last one: `access`.
    """

    node: ast.Subscript
    of: ast.Name | ast.Call
    way: tuple[str, ...]
    key: str


class Scope:
    """A function, a class or the module, and what stands directly in it."""

    __slots__ = (
        "above", "asserts", "calls", "keys", "loops", "name", "names", "node",
        "parameters", "raises", "scopes", "shared", "tries", "withs", "writes",
    )  # fmt: skip

    def __init__(self, node: ast.AST, name: str, above: Scope | None) -> None:
        self.node = node
        self.name = name
        self.above = above
        self.parameters: list[str] = []
        self.scopes: list[Scope] = []
        self.asserts: list[Stated] = []
        self.calls: list[Called] = []
        self.keys: list[Key] = []
        self.loops: list[Stated] = []
        self.tries: list[Stated] = []
        self.withs: list[Stated] = []
        self.raises: list[Stated] = []
        # Assignments to what is no plain name, and deletions.
        self.writes: list[Stated] = []
        # The names of `global` and `nonlocal`.
        self.shared: set[str] = set()
        # What plain names are given; None stands for what is not written there.
        self.names: dict[str, list[ast.expr | None]] = {}

    @property
    def is_function(self) -> bool:
        """Whether this is a function, asynchronous or not."""
        return isinstance(self.node, Function)

    @property
    def is_class(self) -> bool:
        """Whether this is a class."""
        return isinstance(self.node, ast.ClassDef)

    def walk(self) -> Iterator[Scope]:
        """Yield this and every scope in it."""
        yield self
        for scope in self.scopes:
            yield from scope.walk()

    def qualified(self) -> str:
        """Return its name with those of the classes around it, as pytest writes them."""
        names, scope = [self.name], self.above
        while scope is not None and scope.above is not None:
            names.append(scope.name)
            scope = scope.above
        return "::".join(reversed(names))


class Module:
    """What one file says.

    Args:
        path: Where it lies.
        text: What it says.
        tree: The same, parsed.
    """

    def __init__(self, path: Path, text: str, tree: ast.Module) -> None:
        self.path = path
        self.folder = str(path.parent)
        self.text = text
        self.tree = tree
        self.scope = Scope(tree, "", None)
        # What each imported name stands for, in full; relative imports begin with their dots.
        self.imports: dict[str, str] = {}
        self.calls: dict[str, list[Called]] = {}
        self.functions: list[Scope] = []
        # Calls that nobody awaits or keeps anything of, by their ids.
        self.bare: set[int] = set()

    def called(self, *names: str) -> Iterator[Called]:
        """Yield the calls of functions and methods with one of these names."""
        for name in names:
            yield from self.calls.get(name, ())
