"""Which status the application answers to a wrong password, a missing and a forged token."""

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
from ..findings import Finding
from ..project.locks import pinned
from .routes import Route

# What exceptions of frameworks and of their extensions are answered with.
_KNOWN = {
    "NotAuthorizedException": 401, "PermissionDeniedException": 403, "NotFoundException": 404,
    "ClientException": 400, "ValidationException": 400, "Unauthorized": 401, "Forbidden": 403,
    "BadRequest": 400, "NotFound": 404, "AuthenticationError": 400, "UnauthorizedError": 401,
}  # fmt: skip
_PACKAGES = re.compile(r"^(fastapi|starlette|flask|werkzeug|litestar|quart|flask_\w+)(\.|$)")
_STATUS_NAMES = ("status_code", "status", "code", "http_status", "http_code", "error_code")
_ABOUT = re.compile(
    r"(?i)passw|credential|incorrect|wrong|bad (login|user)|not authenticated|could not|unauthor"
    r"|invalid|authenticat|login|token"
)
_OTHERWISE = re.compile(
    r"(?i)inactive|active|disabled|verif(ied|y your)|locked|suspend|banned|too many|rate|csrf"
    r"|otp|mfa|2fa|totp|captcha|expired?\b|confirm|tenant|permission|role|admin|privileg"
)
_REFUSES = re.compile(r"(?i)verify|check|authenticat|password|not user|user is None|not \w*user")
_SCHEMES = frozenset(["OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "HTTPBearer",
                      "APIKeyHeader", "OAuth2"])  # fmt: skip
_LITESTAR = (b"OAuth2PasswordBearerAuth", b"JWTAuth", b"JWTCookieAuth")
# What frameworks raise when a request does not fit: FastAPI and Litestar.
_MISFITS = ("RequestValidationError", "ValidationException")
# From this release of FastAPI on, HTTPBearer answers 401 where it answered 403.
_CHANGED = (0, 122)


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


class Statuses:
    """Reads statuses off what is raised, aborted with or returned.

    Attributes:
        login_refused: What a wrong password is answered with.
        no_token: What a request without a token is answered with.
        bad_token: What a forged token is answered with.
    """

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        call_graph: CallGraph,
        login: Route | None,
        current_user: str,
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.call_graph = call_graph
        self._current_user = current_user
        self.login_refused = self._login(login)
        self.no_token, self.bad_token = self._tokens(current_user)

    # ------------------------------------------------------------------------ what is looked for

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

        found = _best(self._refusals(login.module, login.handler, (400, 401, 403, 404, 422)), score)
        wrong = r"\bnot\b.*(passw|check|verify)|user is None|not user"
        return found or self.sent_back(login, wrong) or self.page(login)

    def sent_back(self, route: Route, condition: str) -> Finding:
        """Return the status with which a client is sent elsewhere, below a condition."""
        body = route.handler.body if route.handler else []
        for statement, tests, _ in _statements(body, [], False):
            if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
                status = self._redirect(route.module, statement.value)
                if status and re.search(f"(?i){condition}", "".join(tests[-1:])):
                    return Finding(status, route.module.where(statement), "medium")
        return Finding()

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

        refusals = list(self._refusals(module, function, (400, 401, 403, 404, 422)))
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
        live = [
            module
            for module in self.source.having(b"login_view", b"starlette_login")
            if not module.aside
        ]
        pages = [
            m for m in live if m.has(b"starlette_login") or re.search(rb"login_view *=", m.data)
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
                    for refusal in self._refusals(module, function, tuple(range(400, 500))):
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
        bases = self.source.base_names(made)
        kinds = _SCHEMES & bases
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

    # ------------------------------------------------------------------------- of any other route

    def page(self, route: Route) -> Finding:
        """Return what a form is answered with that is shown again, if a route shows one."""
        statements = _statements(route.handler.body if route.handler else [], [], False)
        for statement, _, _ in statements:
            if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
                shown = statement.value
                if re.match(r"render|TemplateResponse$|Template$", terminal(shown.func)):
                    given = self._number(route.module, keyword(shown, *_STATUS_NAMES)) or 200
                    return Finding(given, route.module.where(statement), "medium")
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
                given = self._number(route.module, keyword(decorator, "status_code"))
                if given:
                    return given
        for node in ast.walk(route.handler):
            given = 0
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                given = self._number(route.module, node.value.elts[1])
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                given = self._redirect(route.module, node.value)
            if 200 <= given < 400:
                return given
        answers = [
            node
            for node in ast.walk(route.handler)
            if isinstance(node, ast.Call) and (terminal(node.func) or "").endswith("Response")
        ]
        given_by = {self._number(route.module, keyword(node, "status_code")) for node in answers}
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
                    for refusal in self._refusals(owner, function, (400, 422)):
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
        assert route.handler is not None
        for statement, tests, _ in _statements(route.handler.body, [], False):
            if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
                status = self._redirect(route.module, statement.value)
                if status and re.search(r"valid|POST|submit", "".join(tests)):
                    return status
        return 0

    def _redirect(self, module: Module, call: ast.Call) -> int:
        """Return the status of a redirect; 0 where a call is none."""
        usual = {"redirect": 302, "RedirectResponse": 307}.get(terminal(call.func), 0)
        return usual and (self._number(module, argument(call, 1, *_STATUS_NAMES)) or usual)

    def refusals_of(self, route: Route, wanted: tuple[int, ...]) -> list[Refusal]:
        """Return the places where a route refuses a request, the nearest first."""
        if route.handler is None:
            return []
        return list(self._refusals(route.module, route.handler, wanted))

    def refusals_of_users(self, wanted: tuple[int, ...]) -> list[Refusal]:
        """Return the places where who sends a request is refused, the nearest first."""
        found = self._function(self._current_user)
        return list(self._refusals(*found, wanted)) if found else []

    # ------------------------------------------------------------------------- where it is refused

    def _refusals(
        self, module: Module, function: FunctionNode, wanted: tuple[int, ...]
    ) -> Iterator[Refusal]:
        for depth, (owner, node) in enumerate(self.call_graph.reachable_from(module, function)):
            for statement, tests, handled in _statements(node.body, [], False):
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
                return self._number(module, argument(call, 0, *_STATUS_NAMES)), ast.unparse(call)
            case ast.Return(value=ast.Tuple(elts=[_, second, *_])):
                return self._number(module, second), ast.unparse(statement)
            case ast.Return(value=ast.Call() as call):
                given = keyword(call, "status_code", "status")
                if given is None and "error" in terminal(call.func) and call.args:
                    given = call.args[0]
                return self._number(module, given), ast.unparse(statement)
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
            status = self._number(module, keyword(call, *_STATUS_NAMES))
            if not status and (symbol.external or symbol.name.endswith("HTTPException")):
                status = self._number(module, argument(call, 0))
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
            for name in _STATUS_NAMES:
                value = class_attribute(node, name)
                given = getattr(value, "value", None) if isinstance(value, ast.AnnAssign) else value
                status = self._number(module, given if isinstance(given, ast.expr) else None)
                if status:
                    return status
            init = class_attribute(node, "__init__")
            if isinstance(init, FunctionNode):
                for call in walk(init):
                    if isinstance(call, ast.Call) and terminal(call.func) == "__init__":
                        status = self._number(module, argument(call, 0, *_STATUS_NAMES))
                        status = status or self._number(module, keyword(call, *_STATUS_NAMES))
                        if status:
                            return status
                for arg, default in parameters(init):
                    if arg.arg in _STATUS_NAMES and self._number(module, default):
                        return self._number(module, default)
        for base in self.source.external_bases(symbol):
            name = base.rpartition(".")[2]
            if name in _KNOWN and _PACKAGES.match(base):
                return _KNOWN[name]
        return 0

    def _number(self, module: Module, node: ast.expr | None) -> int:
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
            return self._number(module, node.value)
        for value in self.evaluator.values(module, node):
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return 0


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


def _best(refusals: Iterator[Refusal] | list[Refusal], score: object) -> Finding:
    assert callable(score)
    ranked = sorted(refusals, key=lambda refusal: -score(refusal))
    if not ranked:
        return Finding()
    best = ranked[0]
    others = [(r.status, r.where) for r in ranked[1:] if r.status != best.status]
    sure = "high" if not others else "medium"
    return Finding(best.status, best.where, sure, tuple(others[:3]))  # type: ignore[arg-type]


def _statements(
    body: list[ast.stmt], tests: list[str], handled: bool
) -> Iterator[tuple[ast.stmt, list[str], bool]]:
    """Return all statements, with the conditions around each and whether it handles an error."""
    for statement in body:
        yield statement, tests, handled
        match statement:
            case ast.If():
                inside = [*tests, ast.unparse(statement.test)]
                yield from _statements(statement.body, inside, handled)
                yield from _statements(statement.orelse, inside, handled)
            case ast.Try():
                yield from _statements(statement.body, tests, handled)
                for handler in statement.handlers:
                    yield from _statements(handler.body, tests, True)
                yield from _statements(statement.orelse, tests, handled)
            case ast.With() | ast.AsyncWith() | ast.For() | ast.While():
                yield from _statements(statement.body, tests, handled)
