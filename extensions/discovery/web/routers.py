"""Which router is put into which, and so what paths begin with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, keyword, local_values, parameters, terminal, walk
from ..code.source import Source
from ..code.values import GAP, Scope
from .loops import Loops, Row

ROOT = ""
_ROUTER = re.compile(r"(Router|Blueprint|Namespace)$")
_DEEPEST = 8
Guards = list[tuple[Module, ast.expr]]


@dataclass
class _Link:
    parent: str
    prefix: str
    replaces: bool
    guards: Guards


class Mounts:
    """Routers, blueprints, controllers and lists of routes, and what includes each."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator
        self.loops = Loops(source, evaluator)
        self._links: dict[str, list[_Link]] = {}
        self._prefixes: dict[str, tuple[str, Guards]] = {}

    def _special(
        self, module: Module, call: ast.Call, parent: str, prefix: str, guards: Guards
    ) -> bool:
        """Take what only a package has the routes of; False when it is nothing of the kind."""
        raise NotImplementedError

    def _key(  # noqa: PLR0911 - one case after another
        self, module: Module, node: ast.AST | None, inside: FunctionNode | None, child: bool = False
    ) -> str | None:
        """Return the name that a router, a blueprint, a controller or a list of routes goes by.

        Args:
            module: Where it is named.
            node: The expression that names it.
            inside: The function around it.
            child: Whether it is put into another one, as opposed to having things put into it.
        """
        if isinstance(node, ast.Call):
            if _ROUTER.search(terminal(node.func)) and terminal(node.func) != "Router":
                return None
            symbol = self.source.resolve(module, node.func)
            if symbol is not None and symbol.node is not None:
                return symbol.path
            return None
        if isinstance(node, ast.Name) and inside is not None:
            value = local_values(inside).get(node.id)
            if isinstance(value, ast.Call):
                name = terminal(value.func)
                if _ROUTER.search(name):
                    # Only what a function returns goes by its name, and not what it puts into that.
                    key = f"{module.name}.{inside.name}"
                    key += f".{node.id}" if node.id not in _returned(inside) else ""
                    self._remember(key, module, value)
                    return key
                made = self.source.resolve(module, value.func)
                if made is not None and isinstance(made.node, FunctionNode):
                    # What another function began is finished here, and is this one's from then on.
                    return made.path if child else f"{module.name}.{inside.name}"
                return ROOT
            if any(arg.arg == node.id for arg in inside.args.args):
                return ROOT
        symbol = self.source.resolve(module, node)
        if symbol is None or symbol.module is None or symbol.node is None:
            return None
        if isinstance(symbol.node, ast.Call):
            self._remember(symbol.path, symbol.module, symbol.node)
        return symbol.path

    def _remember(self, key: str, module: Module, call: ast.Call) -> None:
        if key in self._prefixes:
            return
        node = keyword(call, "prefix", "url_prefix", "path")
        name = terminal(call.func)
        if node is None and name == "Router" and call.args:
            node = call.args[0]
        prefix = self._prefix(module, node)
        if name == "Namespace" and node is None and call.args:
            prefix = f"/{self.evaluator.text(module, call.args[0]) or ''}"
        guards = elements(keyword(call, "dependencies", "guards"))
        self._prefixes[key] = (prefix, [(module, guard) for guard in guards])
        if name == "Api" and (below := argument(call, 0, "app", "blueprint")) is not None:
            parent = self._key(module, below, None)
            if parent:
                self._link(key, parent, "", False, [])

    def _link(
        self, child: str, parent: str, prefix: str, replaces: bool,
        guards: Guards,
    ) -> None:  # fmt: skip
        self._links.setdefault(child, []).append(_Link(parent, prefix, replaces, guards))

    def _included(
        self, module: Module, call: ast.Call, name: str, around: FunctionNode | None
    ) -> None:
        if not isinstance(call.func, ast.Attribute):
            return
        child = (
            argument(call, 1, "app")
            if name == "mount"
            else (call.args[0] if call.args else keyword(call, "router", "blueprint"))
        )
        prefix = (
            argument(call, 0, "path")
            if name == "mount"
            else keyword(call, "prefix", "url_prefix", "path")
        )
        replaces = name in ("register_blueprint", "add_namespace") and prefix is not None
        guards = [(module, guard) for guard in elements(keyword(call, "dependencies"))]
        for row in self.loops.rows(module, call, around):
            parent = self._parent(module, call.func.value, around, row)
            below = self._prefix_in(module, prefix, around, row)
            owner, node = module, child
            if child is not None:
                owner, node = self.loops.put_in(module, child, row, around)
            if isinstance(node, ast.Call) and self._special(owner, node, parent, below, guards):
                continue
            for key in self._children(owner, node, around if owner is module else None):
                self._link(key, parent, below, replaces, guards)

    def _parent(self, module: Module, node: ast.expr, around: FunctionNode | None, row: Row) -> str:
        owner, into = self.loops.put_in(module, node, row, around)
        parent = self._key(owner, into, around if owner is module else None)
        if parent is None or parent not in self._prefixes:
            parent = parent if parent in self._links else (ROOT if parent is None else parent)
        return parent

    def _prefix_in(
        self, module: Module, node: ast.expr | None, around: FunctionNode | None, row: Row
    ) -> str:
        if node is None:
            return self._prefix(module, None)
        if isinstance(node, ast.Name) and around is not None and _takes(around, node.id):
            for other, given, place in self._given(around, node.id):
                within = self.evaluator.scope_of(other, place) if place is not None else None
                if given is not None and (found := self._prefix(other, given, within)) != GAP:
                    return found
        owner, below = self.loops.put_in(module, node, row, around)
        scope = dict(self.evaluator.scope_of(owner, around)) if around is not None else {}
        scope |= {name: part for name, (place, part) in row.items() if place is owner}
        return self._prefix(owner, below, scope)

    def _prefix(self, module: Module, node: ast.expr | None, scope: Scope | None = None) -> str:
        """Return a prefix as far as it is known; what is not is a gap."""
        texts = self.evaluator.texts(module, node, scope) if node is not None else [""]
        whole = next((text for text in texts if GAP not in text), None)
        return whole if whole is not None else next(iter(texts), GAP)

    def _children(
        self, module: Module, node: ast.expr | None, around: FunctionNode | None
    ) -> Iterator[str]:
        """Return the names of what is included; of a parameter, what callers give for it."""
        if isinstance(node, ast.Name) and around is not None and _takes(around, node.id):
            for other, given, place in self._given(around, node.id):
                key = self._key(other, given, place, True)
                if key:
                    yield key
            return
        key = self._key(module, node, around, True)
        if key:
            yield key

    def _given(
        self, function: FunctionNode, name: str
    ) -> Iterator[tuple[Module, ast.expr | None, FunctionNode | None]]:
        """Return what callers give for a parameter, and where."""
        position = [arg.arg for arg, _ in parameters(function)].index(name)
        for other in self.source.having(function.name.encode() + b"("):
            for call in other.calls:
                if terminal(call.func) == function.name:
                    around = other.outline.around.get(id(call))
                    yield other, argument(call, position, name), around

    def _assigned(self, module: Module, call: ast.Call) -> str:
        for name, values in module.names.items():
            if any(value is call for value in values):
                return f"{module.name}.{name}"
        for function in module.functions:
            if any(inner is call for inner in walk(function)):
                return f"{module.name}.{function.name}"
        return ROOT

    def _above(self, key: str, seen: frozenset[str]) -> Iterator[tuple[str, bool, Guards]]:
        """Return each prefix that a router is reached by, and whether an application has it."""
        if key == ROOT:
            yield "", True, []
            return
        own, guards = self._prefixes.get(key, ("", []))
        links = [
            link
            for link in self._links.get(key, ())
            if link.parent != key and link.parent not in seen
        ]
        if not links or len(seen) > _DEEPEST:
            yield own, self._is_top(key), guards
            return
        for link in links:
            for prefix, mounted, above in self._above(link.parent, seen | {key}):
                part = link.prefix if link.replaces else f"{link.prefix}/{own}"
                yield f"{prefix}/{part}", mounted, [*above, *link.guards, *guards]

    def _is_top(self, key: str) -> bool:
        """Whether what nothing includes needs no including: an application, a list of routes."""
        module_name = key.rpartition(".")[0]
        module = self.source.find(module_name)
        if module is None:
            return False
        values = module.names.get(key.rpartition(".")[2], [])
        live = self.source.live(module)
        for value in values:
            if isinstance(value, ast.Call) and _ROUTER.search(terminal(value.func)):
                return False
        return live


def _takes(function: FunctionNode, name: str) -> bool:
    return any(arg.arg == name for arg, _ in parameters(function))


def _returned(function: FunctionNode) -> set[str]:
    """Return the names that a function gives back; all of its own, where it gives back none."""
    given = [node.value for node in walk(function) if isinstance(node, ast.Return)]
    named = {node.id for node in given if isinstance(node, ast.Name)}
    return named or set(local_values(function))


def elements(node: ast.expr | None) -> list[ast.expr]:
    """Return what a written-out list has."""
    return list(node.elts) if isinstance(node, ast.List | ast.Tuple) else []
