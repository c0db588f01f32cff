"""Which functions hand out database sessions, and whether those are asynchronous."""

from __future__ import annotations

import ast
import re

from ..code.modules import Module
from ..code.nodes import FunctionNode, local_values, terminal, walk
from ..code.source import Source

SYNC = frozenset([
    "sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session",
    "sqlalchemy.orm.scoped_session", "sqlmodel.orm.session.Session",
])  # fmt: skip
ASYNC = frozenset([
    "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.ext.asyncio.session.AsyncSession",
    "sqlalchemy.ext.asyncio.async_scoped_session", "sqlalchemy.ext.asyncio.session.AsyncSession",
])  # fmt: skip
SESSION_MAKERS = {"sessionmaker": False, "async_sessionmaker": True}
SCOPED_SESSIONS = {"scoped_session": False, "async_scoped_session": True}
NAMES = re.compile(
    r"^(get|new|create|provide|generate|make|with|yield)?_?\w*(db|session|uow|unit_of_work)\w*$"
)


class Providers:
    """Tells functions that provide sessions from all others."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def kind_of(self, module: Module, node: ast.AST | None) -> bool | None:
        """Say whether an annotation is of an asynchronous session; None when it is of none."""
        if node is None:
            return None
        for inner in walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                if "AsyncSession" in inner.value:
                    return True
                if re.search(r"\bSession\b", inner.value):
                    return False
            if isinstance(inner, ast.Name | ast.Attribute):
                symbol = self.source.resolve(module, inner)
                if symbol is None:
                    continue
                paths = {symbol.path, *self.source.external_bases(symbol)}
                if paths & ASYNC:
                    return True
                if paths & SYNC:
                    return False
        return None

    def maker_kind(self, module: Module, call: ast.Call) -> bool:
        """Say whether what makes sessions makes asynchronous ones."""
        name = terminal(call.func)
        if name in ("async_sessionmaker", "async_scoped_session"):
            return True
        return any(
            self.kind_of(module, inner) for inner in [*call.args, *(k.value for k in call.keywords)]
        )

    def provides(self, module: Module, function: FunctionNode) -> tuple[bool, str, float] | None:  # noqa: PLR0911 - one case after another
        """Say whether a function hands out sessions: asynchronous or not, how, and how likely."""
        decorated = any("contextmanager" in terminal(d) for d in function.decorator_list)
        nodes = walk(function)
        values = [n.value for n in nodes if isinstance(n, ast.Yield) and n.value]
        kind = "context manager" if decorated else "fastapi_depends"
        annotated = self.kind_of(module, function.returns)
        if values:
            if annotated is not None:
                return annotated, kind, 6
            value = values[0]
            held = local_values(function).get(value.id) if isinstance(value, ast.Name) else value
            if held is not None and _is_state(held):
                return isinstance(function, ast.AsyncFunctionDef), kind, 5
            made = self._made(module, function, value)
            return (made, kind, 5) if made is not None else None
        if annotated is None and not NAMES.match(function.name):
            return None
        scope = local_values(function)
        returned = [
            scope.get(n.value.id, n.value) if isinstance(n.value, ast.Name) else n.value
            for n in nodes
            if isinstance(n, ast.Return) and n.value
        ]
        if not returned:
            return None
        if any(_is_state(value) for value in returned):
            return bool(annotated), "request.state", 5
        if "sessionmaker" in ast.unparse(function.returns or ast.Constant(None)):
            return None
        if annotated is not None and not any(
            isinstance(value, ast.Name) and _is_parameter(function, value.id) for value in returned
        ):
            return annotated, "function", 3
        return None

    def _made(self, module: Module, function: FunctionNode, node: ast.expr) -> bool | None:  # noqa: PLR0911 - one case after another
        """Say what a yielded name was made by."""
        if not isinstance(node, ast.Name):
            return None
        value: ast.expr | None = local_values(function).get(node.id)
        for inner in walk(function):
            if isinstance(inner, ast.withitem) and terminal(inner.optional_vars) == node.id:
                value = inner.context_expr
        if not isinstance(value, ast.Call):
            return None
        symbol = self.source.resolve(module, value.func)
        if symbol is not None:
            if symbol.path in ASYNC | SYNC:
                return symbol.path in ASYNC
            if symbol.external and not symbol.path.startswith(("sqlalchemy", "sqlmodel", "flask")):
                return None
            if symbol.module and isinstance(symbol.node, ast.Call):
                maker = terminal(symbol.node.func)
                if maker in SESSION_MAKERS or maker in SCOPED_SESSIONS:
                    return self.maker_kind(symbol.module, symbol.node)
            if (
                symbol.module
                and isinstance(symbol.node, FunctionNode)
                and symbol.node is not function
            ):
                known = self.kind_of(symbol.module, symbol.node.returns)
                if known is not None:
                    return known
        name = terminal(value.func)
        if re.search(r"session", name, re.I) and not re.search(
            r"http|client|boto|redis", name, re.I
        ):
            return isinstance(function, ast.AsyncFunctionDef)
        return None


def _is_parameter(function: FunctionNode, name: str) -> bool:
    return any(arg.arg == name for arg in function.args.args)


def _is_state(node: ast.expr) -> bool:
    """Whether it is `request.state.db`, or the same of the application."""
    return (
        isinstance(node, ast.Attribute)
        and re.search(r"db|session", node.attr) is not None
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "state"
    )
