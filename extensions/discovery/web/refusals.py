"""Where a request is refused, and with which status: raised, aborted with or returned."""

from __future__ import annotations

import ast
import http
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import (
    FunctionNode,
    argument,
    class_attribute,
    keyword,
    local_values,
    parameters,
    terminal,
    walk,
)
from ..code.source import Source
from .routes import Route

# What exceptions of frameworks and of their extensions are answered with.
_KNOWN = {
    "NotAuthorizedException": 401, "PermissionDeniedException": 403, "NotFoundException": 404,
    "ClientException": 400, "ValidationException": 400, "Unauthorized": 401, "Forbidden": 403,
    "BadRequest": 400, "NotFound": 404, "AuthenticationError": 400, "UnauthorizedError": 401,
}  # fmt: skip
_PACKAGES = re.compile(r"^(fastapi|starlette|flask|werkzeug|litestar|quart|flask_\w+)(\.|$)")
STATUS_NAMES = ("status_code", "status", "code", "http_status", "http_code", "error_code")


@dataclass
class Refusal:
    """One place that refuses a request.

    Attributes:
        status: What it answers.
        where: `file:line`.
        text: What it says.
        tests: The conditions around it, the innermost last.
        handled: Whether it stands below `except`.
        depth: How far from the function that was asked about.
    """

    status: int
    where: str
    text: str
    tests: list[str] = field(default_factory=list)
    handled: bool = False
    depth: int = 0


class Refusals:
    """Reads statuses off what is raised, aborted with or returned."""

    def __init__(self, source: Source, evaluator: Evaluator, call_graph: CallGraph) -> None:
        self.source = source
        self.evaluator = evaluator
        self.call_graph = call_graph

    def of(self, route: Route, wanted: tuple[int, ...]) -> list[Refusal]:
        """Return the places where a route refuses a request, the nearest first."""
        if route.handler is None:
            return []
        return list(self.inside(route.module, route.handler, wanted))

    def inside(
        self, module: Module, function: FunctionNode, wanted: tuple[int, ...]
    ) -> Iterator[Refusal]:
        """Yield those in a function and in what it calls, the nearest first."""
        for depth, (owner, node) in enumerate(self.call_graph.reachable_from(module, function)):
            for statement, tests, handled in statements(node.body, [], False):
                status, text = self._refused(owner, node, statement)
                if status in wanted:
                    yield Refusal(status, owner.where(statement), text, tests, handled, depth)

    def _refused(
        self, module: Module, function: FunctionNode, statement: ast.stmt
    ) -> tuple[int, str]:
        match statement:
            case ast.Raise(exc=ast.expr() as raised):
                node = raised
                if isinstance(node, ast.Name):
                    node = local_values(function).get(node.id, node)
                return self._status(module, node, 0), ast.unparse(node)
            case ast.Expr(value=ast.Call() as call) if "abort" in terminal(call.func):
                return self.number(module, argument(call, 0, *STATUS_NAMES)), ast.unparse(call)
            case ast.Return(value=ast.Tuple(elts=[_, second, *_])):
                return self.number(module, second), ast.unparse(statement)
            case ast.Return(value=ast.Call() as call):
                given = keyword(call, "status_code", "status")
                if given is None and "error" in terminal(call.func) and call.args:
                    given = call.args[0]
                return self.number(module, given), ast.unparse(statement)
        return 0, ""

    def _status(self, module: Module, node: ast.expr, depth: int) -> int:  # noqa: PLR0911 - one case after another
        """Return the status that a raised expression is answered with."""
        if depth > 4:
            return 0
        call = node if isinstance(node, ast.Call) else None
        symbol = self.source.resolve(module, call.func if call else node)
        if symbol is None:
            return 0
        if call is not None:
            status = self.number(module, keyword(call, *STATUS_NAMES))
            if not status and (symbol.external or symbol.name.endswith("HTTPException")):
                status = self.number(module, argument(call, 0))
            if status:
                return status
        if symbol.module is None:
            known = _KNOWN.get(symbol.name, 0)
            return known if _PACKAGES.match(symbol.path) else 0
        if isinstance(symbol.node, ast.ClassDef):
            return self._of_class(symbol)
        if isinstance(symbol.node, FunctionNode):
            for inner in walk(symbol.node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    found = self._status(symbol.module, inner.value, depth + 1)
                    if found:
                        return found
        if isinstance(symbol.node, ast.Call) and symbol.node is not node:
            return self._status(symbol.module, symbol.node, depth + 1)
        return 0

    def _of_class(self, symbol: Symbol) -> int:
        for module, node in self.source.ancestry(symbol):
            for name in STATUS_NAMES:
                value = class_attribute(node, name)
                given = getattr(value, "value", None) if isinstance(value, ast.AnnAssign) else value
                status = self.number(module, given if isinstance(given, ast.expr) else None)
                if status:
                    return status
            init = class_attribute(node, "__init__")
            if isinstance(init, FunctionNode):
                for call in walk(init):
                    if isinstance(call, ast.Call) and terminal(call.func) == "__init__":
                        status = self.number(module, argument(call, 0, *STATUS_NAMES))
                        status = status or self.number(module, keyword(call, *STATUS_NAMES))
                        if status:
                            return status
                for arg, default in parameters(init):
                    if arg.arg in STATUS_NAMES and self.number(module, default):
                        return self.number(module, default)
        for base in self.source.external_bases(symbol):
            name = base.rpartition(".")[2]
            if name in _KNOWN and _PACKAGES.match(base):
                return _KNOWN[name]
        return 0

    def number(self, module: Module, node: ast.expr | None) -> int:
        """Return a status that is written as a number or by its name."""
        if node is None:
            return 0
        name = terminal(node)
        numbered = re.match(r"HTTP_(\d{3})_", name)
        if numbered:
            return int(numbered.group(1))
        if name in http.HTTPStatus.__members__:
            return int(http.HTTPStatus[name])
        if isinstance(node, ast.Attribute) and node.attr == "value":
            return self.number(module, node.value)
        for value in self.evaluator.values(module, node):
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return 0


def statements(
    body: list[ast.stmt], tests: list[str], handled: bool
) -> Iterator[tuple[ast.stmt, list[str], bool]]:
    """Return all statements, with the conditions around each and whether it handles an error."""
    for statement in body:
        yield statement, tests, handled
        match statement:
            case ast.If():
                inside = [*tests, ast.unparse(statement.test)]
                yield from statements(statement.body, inside, handled)
                yield from statements(statement.orelse, inside, handled)
            case ast.Try():
                yield from statements(statement.body, tests, handled)
                for handler in statement.handlers:
                    yield from statements(handler.body, tests, True)
                yield from statements(statement.orelse, tests, handled)
            case ast.With() | ast.AsyncWith() | ast.For() | ast.While():
                yield from statements(statement.body, tests, handled)
