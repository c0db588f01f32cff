"""Which status a wrong password, a missing and a forged token are answered with."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from ..code.modules import Module
from ..code.nodes import FunctionNode, keyword, parameters, terminal, walk
from ..findings import Finding
from ..project.locks import pinned
from ..web.refusals import Refusal
from ..web.routes import Route
from ..web.statuses import Statuses

_ABOUT = re.compile(
    r"(?i)passw|credential|incorrect|wrong|bad (login|user)|not authenticated|could not|unauthor"
    r"|invalid|authenticat|login|token"
)
_OTHERWISE = re.compile(
    r"(?i)inactive|active|disabled|verif(ied|y your)|locked|suspend|banned|too many|rate|csrf"
    r"|otp|mfa|2fa|totp|captcha|expired?\b|confirm|tenant|permission|role|admin|privileg"
)
_REFUSALS = (400, 401, 403, 404, 422)
_REFUSES = re.compile(r"(?i)verify|check|authenticat|password|not user|user is None|not \w*user")
_SCHEMES = frozenset(["OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "HTTPBearer",
                      "APIKeyHeader", "OAuth2"])  # fmt: skip
_LITESTAR = (b"OAuth2PasswordBearerAuth", b"JWTAuth", b"JWTCookieAuth")
# From this release of FastAPI on, HTTPBearer answers 401 where it answered 403.
_CHANGED = (0, 122)


class Unauthorized:
    """Finds what whoever is not logged in is answered.

    Attributes:
        login_refused: What a wrong password is answered with.
        no_token: What a request without a token is answered with.
        bad_token: What a forged token is answered with.
    """

    def __init__(self, statuses: Statuses, login: Route | None, current_user: str) -> None:
        self.statuses = statuses
        self.refusals = statuses.refusals
        self.source = statuses.source
        self.call_graph = self.refusals.call_graph
        self._current_user = current_user
        self.login_refused = self._login(login)
        self.no_token, self.bad_token = self._tokens(current_user)

    def _login(self, login: Route | None) -> Finding:
        if login is not None and login.special == "fastapi_users":
            return Finding(400, login.where, "high")
        if login is None or login.handler is None:
            return Finding()

        def score(refusal: Refusal) -> float:
            points = 3.0 if _ABOUT.search(refusal.text) else 0.0
            points -= 5 if _OTHERWISE.search(refusal.text) else 0
            points += 2 if any(_REFUSES.search(test) for test in refusal.tests[-1:]) else 0
            points -= 2 if refusal.handled else 0
            return points + (1 if refusal.status == 401 else 0) - refusal.depth * 0.4

        found = _best(self.refusals.inside(login.module, login.handler, _REFUSALS), score)
        wrong = r"\bnot\b.*(passw|check|verify)|user is None|not user"
        return found or self.statuses.sent_back(login, wrong) or self.statuses.page(login)

    def _tokens(self, current_user: str) -> tuple[Finding, Finding]:
        extension = self._extension(current_user)
        if extension is not None:
            return extension
        found = self._function(current_user)
        if found is None:
            return Finding(), Finding()
        module, function = found

        def forged(refusal: Refusal) -> float:
            points = 4.0 if refusal.handled else 0.0
            points += 2 if _ABOUT.search(refusal.text) else 0
            points -= 3 if _OTHERWISE.search(refusal.text) else 0
            return points - refusal.depth * 0.2

        def missing(refusal: Refusal) -> float:
            points = 4.0 if re.search(r"(?i)\bnot\b|is None", "".join(refusal.tests[-1:])) else 0.0
            points += 2 if re.search(r"(?i)token|cred|header|auth", "".join(refusal.tests)) else 0
            points -= 3 if refusal.handled or _OTHERWISE.search(refusal.text) else 0
            return points - refusal.depth * 0.2

        refusals = list(self.refusals.inside(module, function, _REFUSALS))
        bad = _best(refusals, forged)
        if _demands_it(function):
            return Finding(422, module.where(function), "high"), bad
        scheme = self._scheme(module, function)
        if scheme is not None:
            return scheme, bad or scheme
        return _best(refusals, missing) or bad, bad

    def _extension(self, current_user: str) -> tuple[Finding, Finding] | None:
        """What packages answer when the application does not say otherwise."""
        guards = self.source.having(*_LITESTAR)
        if any(m.aside == 0 and m.has(b"litestar.security") for m in guards):
            found = Finding(401, "", "medium")
            return found, found
        named = self.source.having(b"login_view", b"starlette_login", most_aside=0)
        pages = [
            m for m in named if m.has(b"starlette_login") or re.search(rb"login_view *=", m.data)
        ]
        if pages and not current_user.startswith("flask_jwt_extended"):
            # Whoever is not logged in is sent to the page where that is done.
            found = Finding(302, pages[0].where(None), "medium")
            return found, found
        if current_user.startswith("flask_jwt_extended"):
            missing = self._loader("unauthorized_loader") or Finding(401, "", "medium")
            return missing, self._loader("invalid_token_loader") or Finding(422, "", "medium")
        return None

    def _loader(self, name: str) -> Finding:
        for module in self.source.having(name.encode()):
            for function in module.functions:
                if any(terminal(node) == name for node in function.decorator_list):
                    for refusal in self.refusals.inside(module, function, tuple(range(400, 500))):
                        return Finding(refusal.status, refusal.where, "high")
        return Finding()

    def _function(self, address: str) -> tuple[Module, FunctionNode] | None:
        name, _, attribute = address.partition(":")
        module = self.source.find(name) if attribute else None
        symbol = self.source.lookup(module, attribute) if module is not None else None
        if symbol is None or symbol.module is None or not isinstance(symbol.node, FunctionNode):
            return None
        return symbol.module, symbol.node

    def _scheme(self, module: Module, function: FunctionNode) -> Finding | None:
        """Return what the security scheme answers to a request without credentials."""
        for owner, node in self.call_graph.reachable_from(module, function)[:8]:
            for arg, default in parameters(node):
                for expression in (arg.annotation, default):
                    found = self._scheme_in(owner, expression, 0) if expression else None
                    if found is not None:
                        return found if found.value else None
        return None

    def _scheme_in(self, module: Module, expression: ast.AST, depth: int) -> Finding | None:
        for inner in walk(expression):
            if not isinstance(inner, ast.Name | ast.Attribute):
                continue
            symbol = self.source.resolve(module, inner)
            if symbol is None or symbol.module is None:
                continue
            if isinstance(symbol.node, ast.Subscript) and depth < 3:
                found = self._scheme_in(symbol.module, symbol.node, depth + 1)
                if found is not None:
                    return found
            if isinstance(symbol.node, ast.Call):
                found = self._made_scheme(symbol.module, symbol.node)
                if found is not None:
                    return found
        return None

    def _made_scheme(self, module: Module, call: ast.Call) -> Finding | None:
        made = self.source.resolve(module, call.func)
        if made is None:
            return None
        kinds = _SCHEMES & self.source.base_names(made)
        if not kinds:
            return None
        automatic = keyword(call, "auto_error")
        if isinstance(automatic, ast.Constant) and automatic.value is False:
            return Finding()
        where = module.where(call)
        if "HTTPBearer" not in kinds and "APIKeyHeader" not in kinds:
            return Finding(401, where, "high")
        release = pinned(self.source.tree, "fastapi")
        old = release is not None and release < _CHANGED
        return Finding(403 if old else 401, where, "high" if release else "medium")

    def refusals_of_users(self, wanted: tuple[int, ...]) -> list[Refusal]:
        """Return the places where who sends a request is refused, the nearest first."""
        found = self._function(self._current_user)
        return list(self.refusals.inside(*found, wanted)) if found else []


def _demands_it(function: FunctionNode) -> bool:
    """Whether FastAPI itself refuses a request without the header or cookie."""
    for arg, default in parameters(function):
        says = [*ast.walk(arg.annotation)] if arg.annotation is not None else []
        if isinstance(default, ast.Call):
            says.append(default)
        for call in says:
            if isinstance(call, ast.Call) and terminal(call.func) in ("Header", "Cookie"):
                optional = "None" in ast.unparse(arg.annotation) if arg.annotation else False
                given = call.args or keyword(call, "default", "default_factory")
                return not (optional or given) and (default is None or default is call)
    return False


def _best(refusals: Iterable[Refusal], score: Callable[[Refusal], float]) -> Finding:
    ranked = sorted(refusals, key=score, reverse=True)
    if not ranked:
        return Finding()
    best = ranked[0]
    others = tuple((r.status, r.where) for r in ranked[1:] if r.status != best.status)
    return Finding(best.status, best.where, "medium" if others else "high", others[:3])
