"""Which status a route answers with: when all is well, with a page, to what does not fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, keyword, terminal, walk
from ..code.source import Source
from ..findings import Finding
from .refusals import STATUS_NAMES, Refusals, statements
from .routes import Route

# What frameworks raise when a request does not fit: FastAPI and Litestar.
_MISFITS = ("RequestValidationError", "ValidationException")


class Statuses:
    """Reads the statuses that handlers answer with."""

    def __init__(self, source: Source, refusals: Refusals) -> None:
        self.source = source
        self.refusals = refusals

    def sent_back(self, route: Route, condition: str) -> Finding:
        """Return the status with which a client is sent elsewhere, below a condition."""
        for call, where, tests in _returned_calls(route):
            status = self._redirect(route.module, call)
            if status and re.search(f"(?i){condition}", "".join(tests[-1:])):
                return Finding(status, where, "medium")
        return Finding()

    def page(self, route: Route) -> Finding:
        """Return what a form is answered with that is shown again, if a route shows one."""
        for call, where, _ in _returned_calls(route):
            if re.match(r"render|TemplateResponse$|Template$", terminal(call.func)):
                given = self.refusals.number(route.module, keyword(call, *STATUS_NAMES))
                return Finding(given or 200, where, "medium")
        return Finding()

    def success(self, route: Route) -> int:
        """Return the status that a route answers with when all is well."""
        if route.handler is None:
            return {"/register": 201, "/logout": 204, "/forgot-password": 202}.get(
                f"/{route.path.rpartition('/')[2]}", 200
            )
        if page := self.page(route):
            return self._sent_on(route) or int(page.value)
        for decorator in route.handler.decorator_list:
            if isinstance(decorator, ast.Call):
                given = self.refusals.number(route.module, keyword(decorator, "status_code"))
                if given:
                    return given
        for node in walk(route.handler):
            given = 0
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                given = self.refusals.number(route.module, node.value.elts[1])
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                given = self._redirect(route.module, node.value)
            if 200 <= given < 400:
                return given
        answers = [
            node
            for node in walk(route.handler)
            if isinstance(node, ast.Call) and terminal(node.func).endswith("Response")
        ]
        given_by = {
            self.refusals.number(route.module, keyword(node, "status_code")) for node in answers
        }
        fine = [status for status in given_by if 200 <= status < 400]
        if len(fine) == 1:
            return fine[0]
        is_litestar = bool(self.source.having(b"litestar")) and route.methods == ("POST",)
        return 201 if is_litestar else 200

    def of_misfits(self) -> Finding:
        """Return the status that a handler of the application's own gives to what does not fit."""
        for module in self.source.having(*(name.encode() for name in _MISFITS), most_aside=0):
            for node in walk(module.tree):
                for owner, function in self._handlers(module, node):
                    for refusal in self.refusals.inside(owner, function, (400, 422)):
                        return Finding(refusal.status, refusal.where, "high")
        return Finding()

    def _handlers(self, module: Module, node: ast.AST) -> Iterator[tuple[Module, FunctionNode]]:
        """Yield the functions that a node has handle requests which do not fit."""
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, FunctionNode):
            calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
            if any(call.args and terminal(call.args[0]) in _MISFITS for call in calls):
                yield module, node
        elif isinstance(node, ast.Call) and "exception_handler" in terminal(node.func):
            pairs = [(node.args[0], node.args[1])] if len(node.args) > 1 else []
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        for misfit, handler in pairs:
            if misfit is None or terminal(misfit) not in _MISFITS:
                continue
            symbol = self.source.resolve(module, handler)
            if symbol and symbol.module and isinstance(symbol.node, FunctionNode):
                yield symbol.module, symbol.node

    def _sent_on(self, route: Route) -> int:
        """Return the status with which a client is sent on whose form was right."""
        for call, _, tests in _returned_calls(route):
            status = self._redirect(route.module, call)
            if status and re.search(r"valid|POST|submit", "".join(tests)):
                return status
        return 0

    def _redirect(self, module: Module, call: ast.Call) -> int:
        """Return the status of a redirect; 0 where a call is none."""
        usual = {"redirect": 302, "RedirectResponse": 307}.get(terminal(call.func), 0)
        return usual and (self.refusals.number(module, argument(call, 1, *STATUS_NAMES)) or usual)


def _returned_calls(route: Route) -> Iterator[tuple[ast.Call, str, list[str]]]:
    """Yield what a handler returns, where that stands and the conditions around it."""
    body = route.handler.body if route.handler else []
    for statement, tests, _ in statements(body, [], False):
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
            yield statement.value, route.module.where(statement), tests
