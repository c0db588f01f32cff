"""Which calls make engines, and whether those are asynchronous, as far as that can be known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.modules import Import, Module, Symbol
from ..code.nodes import FunctionNode, argument, keyword, local_values, terminal, walk
from ..code.source import Source

_OF_SQLALCHEMY = {
    "create_engine": False,
    "create_async_engine": True,
    "async_engine_from_config": True,
}
# What makes an engine of its own; None where only its arguments tell which.
_OF_OTHERS: dict[str, bool | None] = {
    "SQLAlchemyAsyncConfig": True, "SQLAlchemySyncConfig": False, "SQLAlchemyConfig": None,
    "Alchemical": False, "DBConnection": None, "init_connection": None,
}  # fmt: skip
_NAMES = frozenset([*_OF_SQLALCHEMY, *_OF_OTHERS])
_PACKAGES = ("sqlalchemy", "sqlmodel")
_DEEPEST = 4


@dataclass(frozen=True)
class Kind:
    """What is known of the engine that a call makes.

    Attributes:
        is_async: Whether it is asynchronous; None when that is not known.
        certain: Whether it is one of SQLAlchemy, and not only called like one.
        is_own: Whether it is a class of the application in which no engine is seen.
    """

    is_async: bool | None
    certain: bool
    is_own: bool = False


class EngineCalls:
    """Tells the calls that make engines from those of the same name that make something else."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._wrapped = set(self._around())

    def found(self) -> Iterator[tuple[Module, ast.Call, Kind]]:
        """Yield each call with what it makes."""
        for module in self.source.having(*(name.encode() for name in _NAMES)):
            for call in module.calls:
                kind = self._kind(module, call)
                if kind is not None:
                    yield module, call, kind

    def _kind(self, module: Module, call: ast.Call, depth: int = 0) -> Kind | None:
        name = terminal(call.func)
        if name not in _NAMES and not _goes_by_another_name(module, call.func):
            return None
        symbol = self.source.resolve(module, call.func)
        if symbol is None:
            kind: Kind | None = Kind(_OF_SQLALCHEMY.get(name, _OF_OTHERS.get(name)), True)
        elif symbol.external:
            kind = self._of_a_package(module, call, symbol.path)
        else:
            kind = self._of_the_application(symbol, depth)
        return Kind(True, True) if kind and id(call) in self._wrapped else kind

    def _of_a_package(self, module: Module, call: ast.Call, path: str) -> Kind | None:
        top, name = path.partition(".")[0], path.rpartition(".")[2]
        if name in _OF_SQLALCHEMY:
            if top in _PACKAGES:
                return Kind(_OF_SQLALCHEMY[name], True)
            return Kind(_is_awaited(module, call) or None, False)
        if name not in _OF_OTHERS:
            return None
        if any("aio" in part or "async" in part for part in path.split(".")[:-1]):
            return Kind(True, True)
        chosen = keyword(call, "use_async_engine")
        if isinstance(chosen, ast.Constant):
            return Kind(bool(chosen.value), True)
        return Kind(_OF_OTHERS[name], _OF_OTHERS[name] is not None)

    def _of_the_application(self, symbol: Symbol, depth: int) -> Kind | None:
        """Look into a function or a class of the application that goes by such a name."""
        named = self.source.base_names(symbol) & _NAMES
        if named:
            of = {**_OF_SQLALCHEMY, **_OF_OTHERS}[min(named)]
            return Kind(of, of is not None)
        inside = set(self._inside(symbol, depth))
        if len(inside) == 1:
            return Kind(inside.pop(), True)
        if isinstance(symbol.node, ast.ClassDef) and not inside:
            # One of the application's own, that is called like one of a library.
            return Kind(None, False, is_own=True)
        return Kind(None, False)

    def _inside(self, symbol: Symbol, depth: int) -> Iterator[bool]:
        if symbol.module is None or symbol.node is None or depth > _DEEPEST:
            return
        for node in walk(symbol.node):
            if isinstance(node, ast.Call):
                kind = self._kind(symbol.module, node, depth + 1)
                if kind is not None and kind.is_async is not None:
                    yield kind.is_async

    def _around(self) -> Iterator[int]:
        """Yield the calls whose engine is put into an asynchronous one: `AsyncEngine(engine)`."""
        for module in self.source.having(b"AsyncEngine"):
            for call in module.calls:
                symbol = self.source.resolve(module, call.func)
                path = symbol.path if symbol and symbol.external else terminal(call.func)
                if path.rpartition(".")[2] == "AsyncEngine":
                    inner = argument(call, 0, "sync_engine")
                    yield from self._engines_in(module, inner, module.outline.around.get(id(call)))

    def _engines_in(
        self, module: Module, node: ast.AST | None, around: FunctionNode | None, depth: int = 0
    ) -> Iterator[int]:
        if depth > _DEEPEST:
            return
        if isinstance(node, ast.Call):
            yield id(node)
            made = self.source.resolve(module, node.func)
            if made is not None and made.module is not None and isinstance(made.node, FunctionNode):
                for inner in walk(made.node):
                    if isinstance(inner, ast.Return):
                        yield from self._engines_in(made.module, inner.value, made.node, depth + 1)
            return
        local = local_values(around).get(node.id) if isinstance(node, ast.Name) and around else None
        if local is not None:
            yield from self._engines_in(module, local, around, depth + 1)
        elif isinstance(node, ast.Attribute) and terminal(node.value) in ("self", "cls"):
            for inner in walk(module.tree):
                if isinstance(inner, ast.Assign) and any(
                    isinstance(target, ast.Attribute) and target.attr == node.attr
                    for target in inner.targets
                ):
                    yield from self._engines_in(module, inner.value, None, depth + 1)
        elif isinstance(node, ast.Name | ast.Attribute):
            symbol = self.source.resolve(module, node)
            if symbol is not None and symbol.module is not None and symbol.node is not node:
                yield from self._engines_in(symbol.module, symbol.node, None, depth + 1)


def _goes_by_another_name(module: Module, func: ast.expr) -> bool:
    """Whether it was imported `as` something."""
    bound = module.names.get(func.id, ()) if isinstance(func, ast.Name) else ()
    return any(isinstance(one, Import) and one.name in _NAMES for one in bound)


def _is_awaited(module: Module, call: ast.Call) -> bool:
    for node in walk(module.tree):
        if isinstance(node, ast.Await) and node.value is call:
            return True
        if isinstance(node, ast.AsyncWith) and any(i.context_expr is call for i in node.items):
            return True
    return False
