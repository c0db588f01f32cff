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
                    key = f"{module.name}.{inside.name}"
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

    def _loops(self, module: Module) -> dict[str, Guards]:
        """Return what the names of `for` loops over written-out lists stand for."""
        found: dict[str, Guards] = {}
        for node in module.outline.loops:
            for owner, element in self._list(module, node.iter):
                if isinstance(node.target, ast.Name):
                    found.setdefault(node.target.id, []).append((owner, element))
                elif isinstance(node.target, ast.Tuple) and isinstance(element, ast.Tuple):
                    for name, part in zip(node.target.elts, element.elts, strict=False):
                        if isinstance(name, ast.Name):
                            found.setdefault(name.id, []).append((owner, part))
        return found

    def _list(self, module: Module, node: ast.expr | None, depth: int = 0) -> Guards:  # noqa: PLR0911 - one case after another
        if node is None or depth > _DEEPEST:
            return []
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                found = []
                for part in parts:
                    if isinstance(part, ast.Starred):
                        found += self._list(module, part.value, depth + 1)
                    else:
                        found.append((module, part))
                return found
            case ast.BinOp(left=left, right=right):
                return [*self._list(module, left, depth + 1), *self._list(module, right, depth + 1)]
            case ast.Call(func=ast.Attribute(value=ast.Dict() as table, attr="items")):
                return [
                    (module, ast.Tuple(elts=[key, value], ctx=ast.Load()))
                    for key, value in zip(table.keys, table.values, strict=True)
                    if key is not None
                ]
            case ast.Name() | ast.Attribute():
                symbol = self.source.resolve(module, node)
                if symbol is None or symbol.module is None:
                    return []
                if isinstance(symbol.node, ast.List | ast.Tuple | ast.BinOp):
                    return self._list(symbol.module, symbol.node, depth + 1)
        return []

    def _included(
        self, module: Module, call: ast.Call, name: str, around: FunctionNode | None,
        loops: dict[str, Guards],
    ) -> None:  # fmt: skip
        if not isinstance(call.func, ast.Attribute):
            return
        child_node = (
            argument(call, 1, "app")
            if name == "mount"
            else (call.args[0] if call.args else keyword(call, "router", "blueprint"))
        )
        prefix_node = (
            argument(call, 0, "path")
            if name == "mount"
            else keyword(call, "prefix", "url_prefix", "path")
        )
        parent = self._key(module, call.func.value, around)
        if parent is None or parent not in self._prefixes:
            parent = parent if parent in self._links else (ROOT if parent is None else parent)
        guards = [(module, guard) for guard in elements(keyword(call, "dependencies"))]
        children: list[tuple[Module, ast.expr | None]] = [(module, child_node)]
        prefixes: list[tuple[Module, ast.expr | None]] = [(module, prefix_node)]
        if isinstance(child_node, ast.Name) and child_node.id in loops:
            children = list(loops[child_node.id])
        if isinstance(prefix_node, ast.Name) and prefix_node.id in loops:
            prefixes = list(loops[prefix_node.id])
        if len(prefixes) != len(children):
            prefixes = prefixes[:1] * len(children)
        for (owner, child), (holder, below) in zip(children, prefixes, strict=True):
            scope = self.evaluator.scope_of(holder, around) if around is not None else None
            prefix = self._prefix(holder, below, scope)
            replaces = name in ("register_blueprint", "add_namespace") and below is not None
            if isinstance(child, ast.Call) and self._special(owner, child, parent, prefix, guards):
                continue
            for key in self._children(owner, child, around if owner is module else None):
                self._link(key, parent, prefix, replaces, guards)

    def _prefix(self, module: Module, node: ast.expr | None, scope: Scope | None = None) -> str:
        """Return a prefix as far as it is known; what is not is a gap."""
        texts = self.evaluator.texts(module, node, scope) if node is not None else [""]
        whole = next((text for text in texts if GAP not in text), None)
        return whole if whole is not None else next(iter(texts), GAP)

    def _children(
        self, module: Module, node: ast.expr | None, around: FunctionNode | None
    ) -> Iterator[str]:
        """Return the names of what is included; of a parameter, what callers give for it."""
        if isinstance(node, ast.Name) and around is not None:
            position = next(
                (i for i, (a, _) in enumerate(parameters(around)) if a.arg == node.id), None
            )
            if position is not None:
                for other in self.source.having(around.name.encode() + b"("):
                    for call in other.calls:
                        if terminal(call.func) == around.name:
                            given = argument(call, position, node.id)
                            key = self._key(other, given, other.outline.around.get(id(call)), True)
                            if key:
                                yield key
                return
        key = self._key(module, node, around, True)
        if key:
            yield key

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


def elements(node: ast.expr | None) -> list[ast.expr]:
    """Return what a written-out list has."""
    return list(node.elts) if isinstance(node, ast.List | ast.Tuple) else []
