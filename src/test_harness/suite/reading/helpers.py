"""Follows what a test calls and asks for to where that is written in the project."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from test_harness.suite.reading.cases import is_fixture
from test_harness.suite.reading.names import dotted, value_of
from test_harness.suite.reading.scopes import Called, Module, Scope
from test_harness.suite.reading.walking import parse


class Project:
    """The files of a project, read when they are asked for.

    Args:
        roots: Folders that imports start from.
    """

    def __init__(self, roots: list[Path]) -> None:
        self.roots = roots
        self._root_names = [str(root) for root in roots]
        self._modules: dict[Path, Module | None] = {}
        self._listed: dict[str, set[str]] = {}
        self._found: dict[tuple[str, str], tuple[Module, str] | None] = {}
        self._fixtures: dict[tuple[int, str, str], tuple[Module, Scope] | None] = {}
        self._conftests: dict[str, list[Module]] = {}

    def read(self, path: Path) -> Module | None:
        """Return what a file says; None for one that is not there or no Python."""
        if path not in self._modules:
            self._modules[path] = None
            with suppress(OSError, SyntaxError, ValueError, RecursionError):
                self._modules[path] = parse(path, text_of(path))
        return self._modules[path]

    def is_of_tests(self, module: Module) -> bool:
        """Tell whether a file belongs to the tests, by its name or that of a folder."""
        root = self.roots[0]
        path = module.path
        inside = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
        return path.name == "conftest.py" or any("test" in part for part in inside.parts)

    def put(self, module: Module) -> None:
        """Take a file that was read already."""
        self._modules[module.path] = module

    def find(self, name: str, importer: Module) -> tuple[Module, str] | None:
        """Return the file behind a full name, and what is left of the name in it.

        Args:
            name: `tests.helpers.check`, or `.helpers.check`.
            importer: The file that imports it.
        """
        key = (importer.folder, name)
        if key not in self._found:
            self._found[key] = self._find(name, importer)
        return self._found[key]

    def _find(self, name: str, importer: Module) -> tuple[Module, str] | None:
        parts = name.lstrip(".").split(".")
        dots = len(name) - len(name.lstrip("."))
        above = importer.path.parents
        folders = [importer.folder, *self._root_names, self._above(importer)]
        if dots:
            folders = [str(above[min(dots, len(above)) - 1])]
        found = (self._find_in(folder, parts) for folder in folders)
        return next((one for one in found if one is not None), None)

    def _above(self, module: Module) -> str:
        """Return the folder of the package that a file lies in, which pytest imports it from."""
        folder = module.path.parent
        while "__init__.py" in self._names(os.fspath(folder)) and folder != folder.parent:
            folder = folder.parent
        return os.fspath(folder)

    def _find_in(self, folder: str, parts: list[str]) -> tuple[Module, str] | None:
        if not self._names(folder) & {parts[0], f"{parts[0]}.py"}:
            return None
        for length in range(len(parts), 0, -1):
            above = "/".join([folder, *parts[: length - 1]])
            last = parts[length - 1]
            for where, name in ((above, f"{last}.py"), (f"{above}/{last}", "__init__.py")):
                if name in self._names(where) and (module := self.read(Path(where, name))):
                    return module, ".".join(parts[length:])
        return None

    def _names(self, folder: str) -> set[str]:
        """Return what lies in a folder; to ask for each file by its name takes far longer."""
        if folder not in self._listed:
            try:
                with os.scandir(folder) as entries:
                    self._listed[folder] = {entry.name for entry in entries}
            except OSError:
                self._listed[folder] = set()
        return self._listed[folder]

    def scope_of(self, name: str, module: Module, depth: int = 3) -> tuple[Module, Scope] | None:
        """Return the function or class that a name of a file stands for.

        Args:
            name: As it is written: `check`, or `helpers.check`.
            module: The file.
            depth: How many imports to follow at most.
        """
        first, _, rest = name.partition(".")
        if not rest and (own := _in(module.scope, first)) is not None:
            return module, own
        if first not in module.imports or not depth:
            return None
        full = module.imports[first] + (f".{rest}" if rest else "")
        found = self.find(full, module)
        if found is None or not found[1] or found[0] is module:
            return None
        return self.scope_of(found[1], found[0], depth - 1)

    def called(self, called: Called, module: Module) -> tuple[Module, Scope] | None:
        """Return the function that a call calls, as far as it can be told."""
        function = called.node.func
        if isinstance(function, ast.Name):
            return self._function(function.id, called.place.scope, module)
        if isinstance(function, ast.Attribute):
            return self._attribute(function, called.place.scope, module)
        return None

    def _function(self, name: str, scope: Scope, module: Module) -> tuple[Module, Scope] | None:
        at: Scope | None = scope
        while at is not None and at.above is not None:
            if not at.is_class and (inner := _in(at, name)) is not None:
                return module, inner
            at = at.above
        return self.scope_of(name, module)

    def _attribute(
        self, node: ast.Attribute, scope: Scope, module: Module
    ) -> tuple[Module, Scope] | None:
        receiver, name = node.value, dotted(node.value)
        if name in ("self", "cls") or _is_super(receiver):
            around = scope
            while not around.is_class and around.above is not None:
                around = around.above
            return self.method(around, module, node.attr) if around.is_class else None
        if name.partition(".")[0] in module.imports and (
            found := self.scope_of(f"{name}.{node.attr}", module)
        ):
            return found
        made = value_of(receiver.id, scope) if isinstance(receiver, ast.Name) else receiver
        of = dotted(made.func) if isinstance(made, ast.Call) else ""
        instance = self.scope_of(of, module) if of else None
        if instance is None or not instance[1].is_class:
            return None
        return self.method(instance[1], instance[0], node.attr)

    def method(
        self, scope: Scope, module: Module, name: str, depth: int = 4
    ) -> tuple[Module, Scope] | None:
        """Return a method of a class, or of those that it is made from."""
        if (own := _in(scope, name)) is not None:
            return module, own
        if not depth or not isinstance(scope.node, ast.ClassDef):
            return None
        for base in scope.node.bases:
            found = self.scope_of(dotted(base), module)
            if found is None or found[1] is scope:
                continue
            if (method := self.method(found[1], found[0], name, depth - 1)) is not None:
                return method
        return None

    def fixture(self, name: str, module: Module, scope: Scope) -> tuple[Module, Scope] | None:
        """Return the fixture that a test of a file gets by a name.

        Args:
            name: What the test asks for.
            module: The file of the test.
            scope: The test.
        """
        around = scope.above
        key = (id(module), around.name if around is not None and around.is_class else "", name)
        if key not in self._fixtures:
            self._fixtures[key] = self._fixture(name, module, around)
        return self._fixtures[key]

    def _fixture(
        self, name: str, module: Module, around: Scope | None
    ) -> tuple[Module, Scope] | None:
        if around is not None and around.is_class:
            method = self.method(around, module, name)
            if method is not None and is_fixture(method[1], method[0]):
                return method
        for other in self._with_fixtures(module):
            own = _in(other.scope, name)
            if own is None and name in other.imports:
                imported = self.scope_of(name, other)
                if imported is not None:
                    return imported
            if own is not None and (is_fixture(own, other)):
                return other, own
        return None

    def _with_fixtures(self, module: Module) -> Iterator[Module]:
        yield module
        folder = module.folder
        if folder not in self._conftests:
            self._conftests[folder] = [*self._conftests_above(module.path.parent)]
        yield from (one for one in self._conftests[folder] if one is not module)

    def _conftests_above(self, start: Path) -> Iterator[Module]:
        for folder in (start, *start.parents):
            names = self._names(os.fspath(folder))
            conftest = self.read(folder / "conftest.py") if "conftest.py" in names else None
            if conftest is not None:
                yield conftest
                yield from self._plugins(conftest)
            if folder in self.roots and "__init__.py" not in names:
                break

    def _plugins(self, module: Module) -> Iterator[Module]:
        for value in module.scope.names.get("pytest_plugins", ()):
            parts = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found = self.find(part.value, module)
                    if found is not None and not found[1]:
                        yield found[0]


def text_of(path: Path) -> str:
    """Return what a file of Python says, in whatever encoding it names."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        import tokenize

        with tokenize.open(path) as file:
            return file.read()


def asked_for(scope: Scope) -> list[str]:
    """Return the names that a test or a fixture asks for."""
    return [name for name in scope.parameters if name not in ("self", "cls")]


def _in(scope: Scope, name: str) -> Scope | None:
    # A later definition takes the place of an earlier one.
    return next((inner for inner in reversed(scope.scopes) if inner.name == name), None)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "super"
