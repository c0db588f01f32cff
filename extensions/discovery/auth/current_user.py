"""The dependency that tells who the current user is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import FunctionNode, keyword, terminal, walk
from ..code.source import Source
from ..database.models import Models
from ..findings import Candidate, Finding, choose, data_of
from ..web.routes import Routes

CURRENT = re.compile(
    r"(?i)^_?(get_|require_|fetch_|load_|retrieve_)?(current_?|authenticated_?|logged_in_?|auth_?|active_?)+(user|account|member|principal|active_user)\w*$"
    r"|^(get_user_from_token|current_user_from_token|get_user|get_me|get_current|require_auth|authenticate|auth_required|current_active_user|verify_token|get_jwt_user|get_login_user|get_auth_user)$"
)
_CURRENT_ANY = re.compile(r"(?i)^(get_|require_)?(current|authenticated|logged_in)_\w+$")
_NAMED = re.compile(
    rb"(?i)current_|currentuser|authenticated_|get_user|get_me$|authenticat|require|_auth$|^auth_|verify_token|account|principal|member|logged_in"
)
_DEFINED = re.compile(rb"def \w*(user|auth|current|token|account|principal|get_me|member)\w*\(")
STRICTER = re.compile(
    r"(?i)admin|super|staff|role|permission|owner|moderator|scope|verified|optional|internal|premium"
)


class CurrentUser:
    """Finds the function that tells who sends a request.

    Attributes:
        found: `module:function`.
        returned: The path of the mapped class that it returns, empty when it returns none.
    """

    def __init__(self, source: Source, routes: Routes, models: Models) -> None:
        self.source = source
        self.models = models
        self._handlers = {id(route.handler) for route in routes.routes if route.handler}
        self.returned = ""
        self.found = self._find()

    def _find(self) -> Finding:
        candidates = [*self._named(CURRENT), *self._extensions()]
        if not candidates:
            # A user may be called a customer or a rider.
            candidates = [found for found in self._named(_CURRENT_ANY) if found.data]
        best = choose(candidates, sure=9, clear=2)
        if not best:
            return best
        self.returned = data_of(best, candidates)
        return best

    def _named(self, names: re.Pattern[str]) -> Iterator[Candidate]:
        for module in self.source.containing(_NAMED, most_aside=0):
            if not self.source.live(module) or not _DEFINED.search(module.data):
                continue
            for statement in module.body:
                if isinstance(statement, FunctionNode):
                    candidate = self._function(module, statement, names)
                    if candidate is not None:
                        yield candidate

    def _function(
        self, module: Module, function: FunctionNode, names: re.Pattern[str]
    ) -> Candidate | None:
        if not names.match(function.name):
            return None
        text = ast.unparse(function.args)
        body = "".join(ast.unparse(statement) for statement in function.body)
        score = 4.0 if "current" in function.name else 1.0
        score += (
            3
            if re.search(
                r"Depends|Security|request|token|credentials|connection|Cookie|Header", text
            )
            else -2
        )
        score += 2 if re.search(r"decode|verify|cookies|session|Authorization|token", body) else 0
        score -= 4 if STRICTER.search(function.name) else 0
        score -= 2 if "active" in function.name else 0
        model = ""
        if function.returns is not None:
            for inner in walk(function.returns):
                if isinstance(inner, ast.Name | ast.Attribute | ast.Constant):
                    symbol = self.source.resolve(module, inner)
                    if symbol is not None and symbol.path in self.models.mapped:
                        model = symbol.path
        score += 3 if model else 0
        if id(function) in self._handlers:
            return None
        score += min(self._used(module, function.name), 20) * 0.25
        symbol = module.symbol(function.name, function)
        return Candidate(symbol.address, symbol.where, score, model)

    def _used(self, module: Module, name: str) -> int:
        """Count how often the modules of the application name a function of this module."""
        count = 0
        for other in self.source.having(name.encode(), most_aside=0):
            if other is not module and self.source.live(other):
                symbol = self.source.lookup(other, name)
                if symbol is not None and symbol.module is module:
                    count += other.data.count(name.encode()) - 1
        return count + module.data.count(name.encode()) - 1

    def _extensions(self) -> Iterator[Candidate]:
        """What packages offer for it."""
        for module in self.source.having(b"retrieve_user_handler"):
            for call in module.calls:
                node = keyword(call, "retrieve_user_handler")
                symbol = self.source.resolve(module, node)
                if symbol is not None and symbol.module is not None:
                    yield Candidate(symbol.address, symbol.where, 20, "")
        for needle, value in (
            (b"get_jwt_identity", "flask_jwt_extended:get_jwt_identity"),
            (b"flask_login", "flask_login:current_user"),
        ):
            for module in self.source.live_with(needle)[:1]:
                yield Candidate(value, module.at(module.data.find(needle)), 8, "")
        for module in self.source.having(b"AuthenticationMiddleware"):
            if self.source.live(module):
                for user in self.source.having(b"request.user", most_aside=0)[:1]:
                    yield Candidate("request.user", user.at(user.data.find(b"request.user")), 7, "")
        for module in self.source.having(b"current_user("):
            for symbol, made in module.assigned_calls():
                if terminal(made.func) == "current_user":
                    strict = STRICTER.search(symbol.name) or "superuser" in ast.unparse(made)
                    yield Candidate(symbol.address, symbol.where, 6.0 if strict else 10.0, "")
