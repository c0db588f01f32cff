"""The modules of a backend and what their names stand for, over imports and assignments."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .files import Tree
from .import_roots import ImportRoots
from .modules import Import, Module, Symbol
from .nodes import FunctionNode, class_attribute, terminal, walk

_DEEPEST = 12

# Everything that is not part of a name becomes a space.
_WORDS = bytes(c if (chr(c).isalnum() and c < 128) or c == 95 else 32 for c in range(256))
_WORD = re.compile(rb"\w+")


class Source:
    """Every module of a backend, found by name and resolved over imports.

    Attributes:
        reachable: The paths of the modules that the application imports; empty while, or where, no
            application is known.
    """

    def __init__(self, tree: Tree, installed: frozenset[str] = frozenset()) -> None:
        self.tree = tree
        self.reachable: set[str] = set()
        self.roots = ImportRoots(tree, installed)
        self.modules = [
            Module(path, self.roots.module_name(path), tree.read(path)) for path in tree.python
        ]
        self.by_path = {module.path: module for module in self.modules}
        self._by_word: dict[bytes, list[Module]] = defaultdict(list)
        self._found: dict[bytes, list[Module]] = {}
        self._index(module for module in self.modules if module.aside < 3)

    def _index(self, modules: Iterable[Module]) -> None:
        for module in modules:
            for word in set(module.data.translate(_WORDS).split()):
                self._by_word[word].append(module)
        self._words = b"\n".join([b"", *self._by_word, b""])
        self._found.clear()

    def reach(self, paths: set[str]) -> None:
        """Take modules as those that the application imports, and so as parts of it.

        Whatever its folder is called: `samples` of a laboratory, and its `tests`.
        """
        self.reachable = paths
        aside = [self.by_path[path] for path in sorted(paths) if self.by_path[path].aside]
        self._index(module for module in aside if module.aside > 2)
        for module in aside:
            module.aside = 0

    def having(self, *needles: bytes, most_aside: int = 1) -> list[Module]:
        """Return the modules with any of some byte strings, without parsing them.

        Args:
            needles: What to look for. The longest name in each has to be a whole word.
            most_aside: How far from the application they may lie; tests are never among them.
        """
        found = {id(m): m for needle in needles for m in self._having(needle)}
        return sorted((m for m in found.values() if m.aside <= most_aside), key=_by_path)

    def _having(self, needle: bytes) -> list[Module]:
        if needle not in self._found:
            word = max(_WORD.findall(needle), key=len)
            found = self._by_word.get(word, [])
            if word != needle:
                found = [module for module in found if needle in module.data]
            self._found[needle] = found
        return self._found[needle]

    def live_with(self, *needles: bytes) -> list[Module]:
        """Return the modules with any of some byte strings that are the application's own."""
        return [m for m in self.having(*needles, most_aside=0) if self.live(m)]

    def live_calls(self, *names: str) -> Iterator[tuple[Module, ast.Call]]:
        """Yield the application's own calls of what goes by one of some names."""
        for module in self.live_with(*(name.encode() for name in names)):
            for call in module.calls:
                if terminal(call.func) in names:
                    yield module, call

    def containing(self, pattern: re.Pattern[bytes], most_aside: int = 1) -> list[Module]:
        """Return the modules that have a name which a pattern matches."""
        # One search through all words takes a tenth of one for each.
        expression, words, found = (
            re.compile(pattern.pattern, pattern.flags | re.M),
            self._words,
            {},
        )
        for match in expression.finditer(words):
            start, end = words.rfind(b"\n", 0, match.start() + 1), words.find(b"\n", match.end())
            found.update({id(m): m for m in self._by_word[words[start + 1 : end]]})
        return sorted((m for m in found.values() if m.aside <= most_aside), key=_by_path)

    def find(self, name: str, asking: Module | None = None) -> Module | None:
        """Return the module of a dotted name, as the asking module would import it."""
        path = self.roots.locate(name, asking.path if asking else "")
        return self.by_path.get(path) if path else None

    def live(self, module: Module) -> bool:
        """Say whether the application imports a module; any, where no application is known."""
        return module.path in self.reachable or not self.reachable

    def classes_in(self, module: Module, node: ast.AST) -> Iterator[Symbol]:
        """Yield the classes of the backend in an annotation: `Optional[X]`, `From[X]`."""
        for inner in walk(node):
            # A text is a class where all is in quotes; inside of `Literal` it is a word.
            quoted = inner is node and isinstance(inner, ast.Constant)
            if quoted or isinstance(inner, ast.Name | ast.Attribute):
                symbol = self.resolve(module, inner)
                if symbol is not None and isinstance(symbol.node, ast.ClassDef):
                    yield symbol

    def resolve(self, module: Module, node: ast.AST | None, depth: int = 0) -> Symbol | None:
        """Return what a name or a dotted name stands for in a module; None when nobody knows."""
        match node:
            case ast.Name(id=name):
                return self.lookup(module, name, depth)
            case ast.Attribute(value=value, attr=attr):
                owner = self.resolve(module, value, depth)
                return self.member(owner, attr, depth) if owner else None
            case ast.Subscript(value=value):
                return self.resolve(module, value, depth)
            case ast.Constant(value=str(text)) if re.fullmatch(r"[A-Za-z_][\w.]*", text):
                return self.resolve(module, ast.parse(text, mode="eval").body, depth)
        return None

    def lookup(self, module: Module, name: str, depth: int = 0) -> Symbol | None:  # noqa: PLR0911 - one case after another
        """Return what a plain name stands for in a module."""
        if depth > _DEEPEST:
            return None
        for bound in module.names.get(name, ()):
            if isinstance(bound, Import):
                return self._imported(module, bound, depth + 1)
            if isinstance(bound, ast.Name | ast.Attribute):
                # `Model = db.Model` is another name for it, `x = x` is not.
                target = self.resolve(module, bound, depth + 1)
                if target and target.path != f"{module.name}.{name}":
                    return target
            return module.symbol(name, bound)
        for star in module.stars:
            source = self.find(star, module)
            if source is not None and source is not module:
                found = self.lookup(source, name, depth + 1)
                if found is not None:
                    return found
        if name in module.inner_imports:
            return self._imported(module, module.inner_imports[name], depth + 1)
        return None

    def _imported(self, module: Module, imported: Import, depth: int) -> Symbol | None:
        if imported.name is None:
            found = self.find(imported.module, module)
            return Symbol(imported.module, found)
        source = self.find(imported.module, module)
        if source is not None:
            found_name = None
            if source is not module or imported.name not in module.names:
                found_name = self.lookup(source, imported.name, depth)
            if found_name is not None:
                return found_name
        below = self.find(f"{imported.module}.{imported.name}", module)
        if below is not None:
            return Symbol(f"{imported.module}.{imported.name}", below)
        if source is None and not self.roots.is_folder(imported.module, module.path):
            return Symbol(f"{imported.module}.{imported.name}")
        return None

    def member(self, owner: Symbol, attr: str, depth: int = 0) -> Symbol | None:
        """Return an attribute of a module, of a class, or of what a package has."""
        if owner.external:
            inner = self.find(f"{owner.path}.{attr}")
            return Symbol(f"{owner.path}.{attr}", inner)
        assert owner.module is not None
        if owner.node is None:
            found = self.lookup(owner.module, attr, depth + 1)
            if found is None:
                inner = self.find(f"{owner.path}.{attr}", owner.module)
                found = Symbol(f"{owner.path}.{attr}", inner) if inner else None
            return found
        if isinstance(owner.node, ast.ClassDef):
            for module, node in self.ancestry(owner):
                value = class_attribute(node, attr)
                if value is not None:
                    return Symbol(f"{owner.path}.{attr}", module, value, node)
        return Symbol(f"{owner.path}.{attr}", owner.module, owner.node, None)

    def bases(self, module: Module, node: ast.ClassDef) -> list[Symbol]:
        """Return the classes that a class is derived from, those that are known."""
        found = (self.resolve(module, base) for base in node.bases)
        return [base for base in found if base is not None]

    def ancestry(self, symbol: Symbol) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Return a class and all it is derived from in the backend, nearest first."""
        pending, seen = [symbol], set()
        while pending:
            current = pending.pop(0)
            if current.path in seen or not isinstance(current.node, ast.ClassDef):
                continue
            seen.add(current.path)
            assert current.module is not None
            yield current.module, current.node
            pending += self.bases(current.module, current.node)

    def external_bases(self, symbol: Symbol) -> set[str]:
        """Return the full names of all installed classes that a class is derived from."""
        if symbol.external:
            return {symbol.path}
        return {
            base.path
            for module, node in self.ancestry(symbol)
            for base in self.bases(module, node)
            if base.external
        }

    def base_names(self, symbol: Symbol) -> set[str]:
        """Return the same without the packages that they come from."""
        return {base.rpartition(".")[2] for base in self.external_bases(symbol)}

    def value_class(self, symbol: Symbol | None) -> Symbol | None:
        """Return the class that an assigned value is an instance of."""
        if symbol is None or symbol.module is None:
            return None
        node = symbol.node
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Call):
            called = self.resolve(symbol.module, node.func)
            if called is not None and isinstance(called.node, FunctionNode):
                return self.resolve(called.module, called.node.returns) if called.module else None
            return called
        return None


def _by_path(module: Module) -> str:
    return module.path
