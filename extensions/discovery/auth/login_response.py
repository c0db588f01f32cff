"""Which field of the answer to a login is the token."""

from __future__ import annotations

import ast

from ..code.call_graph import CallGraph
from ..code.modules import Module
from ..code.nodes import FunctionNode, keyword, local_values, terminal, walk
from ..code.source import Source
from ..web.payloads import Payloads
from ..web.routes import Route

_TOKEN_FIELDS = ("access_token", "accessToken", "token", "jwt", "auth_token", "id_token", "access",
                 "api_token", "bearer_token", "jwt_token", "session_token", "key")  # fmt: skip


class LoginResponse:
    """Reads answers off response models, schemas and what handlers return."""

    def __init__(self, source: Source, payloads: Payloads, call_graph: CallGraph) -> None:
        self.source = source
        self.payloads = payloads
        self.call_graph = call_graph

    def token(self, route: Route) -> str:
        """Return the path of the token in the answer: `access_token`, `user.token`."""
        handler = route.handler
        if handler is None:
            return ""
        models: list[ast.expr | None] = [handler.returns]
        for decorator in handler.decorator_list:
            if isinstance(decorator, ast.Call):
                models.append(keyword(decorator, "response_model"))
                if terminal(decorator.func) in ("marshal_with", "response", "output", "serialize"):
                    name = self._token_in_schemas(route.module, decorator)
                    if name:
                        return name
        for node in models:
            name = self._token_in_model(route.module, node, 0)
            if name:
                return name
        for module, function in self.call_graph.reachable_from(route.module, handler)[:12]:
            name = self._token_in_returns(module, function)
            if name:
                return name
        return ""

    def always_token(self, route: Route) -> bool:
        """Whether no branch of the handler answers with something else than a token."""
        if route.handler is None or not self.token(route):
            return False
        returns = [n for n in walk(route.handler) if isinstance(n, ast.Return) and n.value]
        scope = local_values(route.handler)
        return len(returns) == 1 or all(
            _token_in_value(
                scope.get(r.value.id, r.value) if isinstance(r.value, ast.Name) else r.value, 0
            )
            for r in returns
            if r.value is not None
        )

    def _token_in_schemas(self, module: Module, decorator: ast.Call) -> str:
        for node in decorator.args:
            payload = self.payloads.schema(module, node)
            for wanted in _TOKEN_FIELDS[:-1]:
                if wanted in payload.fields:
                    return f"{payload.nested_in}.{wanted}" if payload.nested_in else wanted
        return ""

    def _token_in_model(self, module: Module, node: ast.expr | None, depth: int) -> str:
        if node is None or depth > 2:
            return ""
        for symbol in self.source.classes_in(module, node):
            fields = list(self.payloads.fields_of(symbol))
            names = {name: (owner, statement) for name, owner, statement in fields}
            for wanted in _TOKEN_FIELDS[:-1]:
                if wanted in names:
                    return wanted
            for name, (owner, statement) in names.items():
                annotation = getattr(statement, "annotation", None)
                below = self._token_in_model(owner, annotation, depth + 1) if annotation else ""
                if below:
                    return f"{name}.{below}"
        return ""

    def _token_in_returns(self, module: Module, function: FunctionNode) -> str:
        scope = local_values(function)
        for node in walk(function):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            value: ast.expr = node.value
            if isinstance(value, ast.Tuple) and value.elts:
                value = value.elts[0]
            if isinstance(value, ast.Name):
                value = scope.get(value.id, value)
            name = _token_in_value(value, 0) or self._token_in_call(module, value)
            if name:
                return name
        return ""

    def _token_in_call(self, module: Module, value: ast.expr) -> str:
        """`Token.respond(...)` and `cls(...)` answer with what the class has."""
        if not isinstance(value, ast.Call):
            return ""
        owner = value.func.value if isinstance(value.func, ast.Attribute) else value.func
        symbol = self.source.resolve(module, owner)
        if symbol is None or not isinstance(symbol.node, ast.ClassDef):
            return ""
        return self._token_in_model(module, owner, 0) if self.payloads.is_model(symbol) else ""


def _token_in_value(value: ast.expr, depth: int) -> str:
    if depth > 2:
        return ""
    pairs: list[tuple[str, ast.expr]] = []
    if isinstance(value, ast.Dict):
        pairs = [
            (str(key.value), inner)
            for key, inner in zip(value.keys, value.values, strict=True)
            if isinstance(key, ast.Constant)
        ]
    elif isinstance(value, ast.Call):
        pairs = [(word.arg, word.value) for word in value.keywords if word.arg]
        for inner in value.args:
            name = (
                _token_in_value(inner, depth + 1) if isinstance(inner, ast.Dict | ast.Call) else ""
            )
            if name:
                return name
    names = [name for name, _ in pairs]
    for wanted in _TOKEN_FIELDS[:-1]:
        if wanted in names:
            return wanted
    for name, inner in pairs:
        below = _token_in_value(inner, depth + 1) if isinstance(inner, ast.Dict | ast.Call) else ""
        if below:
            return below if name in ("content", "data_", "obj") else f"{name}.{below}"
    return ""
