"""Who the current user is, which path only a user may get, and what stands in a test's way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.call_graph import CallGraph
from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, keyword, terminal, walk
from ..code.source import Source
from ..database.models import Models
from ..findings import Candidate, Finding, choose, data_of
from ..web.routes import Route, Routes
from .authentication import Authentication

_CURRENT = re.compile(
    r"(?i)^_?(get_|require_|fetch_|load_|retrieve_)?(current_?|authenticated_?|logged_in_?|auth_?|active_?)+(user|account|member|principal|active_user)\w*$"
    r"|^(get_user_from_token|current_user_from_token|get_user|get_me|get_current|require_auth|authenticate|auth_required|current_active_user|verify_token|get_jwt_user|get_login_user|get_auth_user)$"
)
_CURRENT_ANY = re.compile(r"(?i)^(get_|require_)?(current|authenticated|logged_in)_\w+$")
_NAMED = re.compile(
    rb"(?i)current_|currentuser|authenticated_|get_user|get_me$|authenticat|require|_auth$|^auth_|verify_token|account|principal|member|logged_in"
)
_DEFINED = re.compile(rb"def \w*(user|auth|current|token|account|principal|get_me|member)\w*\(")
_STRICTER = re.compile(
    r"(?i)admin|super|staff|role|permission|owner|moderator|scope|verified|optional|internal|premium"
)
_PERMISSION = re.compile(
    r"(?i)^(is_?authenticated|is_?admin|is_?superuser|\w*permission_?dependency)$"
)
_DECORATORS = frozenset(
    [
        "login_required",
        "jwt_required",
        "auth_required",
        "token_required",
        "requires_auth",
        "requires",
        "fresh_jwt_required",
    ]
)
_ME = re.compile(
    r"(?i)(^|/)(me|whoami|profile|current|current_user|current-user|user|account|self|users/me)/?$"
)
_HEALTH = re.compile(
    r"(?i)(^|[/_-])(health_?-?(check|z|y)?|healthz|healthcheck|livez?|liveness|readyz?|readiness|alive|ping|status|heartbeat|_health|up)/?$"
)


class Protection:
    """Finds the dependency that tells the current user and the routes around it.

    Attributes:
        current_user: `module:function`.
        returned: The path of the mapped class that it returns, empty when it returns none.
        protected: A path to GET that needs a user and nothing else, if there is one.
        for_admins: Whether that needs an administrator.
        health: The path that tells that the application is well.
        logout: The path that ends a session.
        refresh: The path that gives a new token.
    """

    def __init__(
        self,
        source: Source,
        routes: Routes,
        authentication: Authentication,
        call_graph: CallGraph,
        models: Models,
    ) -> None:
        self.source = source
        self.routes = routes
        self.authentication = authentication
        self.call_graph = call_graph
        self.models = models
        self._guards: dict[int, set[str]] = {}
        self._handlers = {id(route.handler) for route in routes.routes if route.handler}
        self.returned = ""
        self.for_admins = False
        self.current_user = self._current_user()
        self.protected = self._protected()
        if not self.protected and self.current_user:
            self.routes.widen(
                b"current_user",
                b"login_required",
                b"jwt_required",
                self.current_user.value.rpartition(":")[2].rpartition(".")[2].encode(),
            )
            self.protected = self._protected()
        self.health = self._health()
        self.logout = self._named(r"(?i)log_?-?out|sign_?-?out", ("POST", "GET", "DELETE"))
        self.refresh = self._named(r"(?i)refresh", ("POST", "GET", "PUT"))

    def _current_user(self) -> Finding:
        candidates = [*self._functions(_CURRENT), *self._extensions()]
        if not candidates:
            # A user may be called a customer or a rider.
            candidates = [found for found in self._functions(_CURRENT_ANY) if found.data]
        best = choose(candidates, sure=9, clear=2)
        if not best:
            return best
        self.returned = data_of(best, candidates)
        return best

    def _functions(self, names: re.Pattern[str]) -> Iterator[Candidate]:
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
        score -= 4 if _STRICTER.search(function.name) else 0
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

    def _extensions(self) -> Iterator[Candidate]:  # noqa: PLR0912 - one case after another
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
            for module in self.source.having(needle, most_aside=0):
                if self.source.live(module):
                    yield Candidate(value, module.at(module.data.find(needle)), 8, "")
                    break
        for module in self.source.having(b"AuthenticationMiddleware"):
            if self.source.live(module):
                for user in self.source.having(b"request.user", most_aside=0):
                    yield Candidate("request.user", user.at(user.data.find(b"request.user")), 7, "")
                    break
        for module in self.source.having(b"current_user("):
            for name, bound in module.names.items():
                for made in bound:
                    if isinstance(made, ast.Call) and terminal(made.func) == "current_user":
                        symbol = module.symbol(name, made)
                        strict = _STRICTER.search(name) or "superuser" in ast.unparse(made)
                        yield Candidate(symbol.address, symbol.where, 6.0 if strict else 10.0, "")

    def guards(self, route: Route) -> set[str]:
        """Return the names of what a route asks for before it runs."""
        names: set[str] = set()
        if route.special == "fastapi_users":
            return {"current_user"} if route.path.endswith("/me") else set()
        if route.handler is not None:
            if id(route.handler) not in self._guards:
                self._guards[id(route.handler)] = self._asked(route)
            names |= self._guards[id(route.handler)]
        for module, node in route.guards:
            names |= self._names(module, node)
        return names

    def _asked(self, route: Route) -> set[str]:
        assert route.handler is not None
        names: set[str] = set()
        handler = route.handler
        expressions: list[ast.expr] = [
            *(
                arg.annotation
                for arg in [*handler.args.args, *handler.args.kwonlyargs]
                if arg.annotation
            ),
            *handler.args.defaults,
            *(default for default in handler.args.kw_defaults if default is not None),
            *handler.decorator_list,
        ]
        if route.holder is not None:
            expressions += route.holder.decorator_list
            for statement in route.holder.body:
                if isinstance(statement, ast.Assign) and terminal(statement.targets[0]) in (
                    "decorators",
                    "method_decorators",
                    "guards",
                ):
                    expressions.append(statement.value)
        for expression in expressions:
            names |= self._names(route.module, expression)
        if route.holder is not None:
            # Class-based routes depend on what their class, or one above it, declares.
            symbol = Symbol(f"{route.module.name}.{route.holder.name}", route.module, route.holder)
            for module, node in self.source.ancestry(symbol):
                for statement in node.body:
                    if isinstance(statement, ast.AnnAssign):
                        names |= self._names(module, statement.annotation)
                        names |= self._names(module, statement.value) if statement.value else set()
        return names

    def _names(self, module: Module, node: ast.expr) -> set[str]:
        names: set[str] = set()
        for inner in walk(node):
            if isinstance(inner, ast.Name | ast.Attribute):
                names.add(terminal(inner))
        for owner, function in self.call_graph.dependencies(module, node):
            names.add(function.name)
            for argument in [
                *function.args.defaults,
                *(a.annotation for a in function.args.args if a.annotation),
            ]:
                names |= {f.name for _, f in self.call_graph.dependencies(owner, argument)}
        return names

    def is_guarded(self, route: Route) -> bool:
        """Return whether a route asks for a user before it runs."""
        return self._is_guarded(self.guards(route))

    def _is_guarded(self, names: set[str]) -> bool:
        known = (
            self.current_user.value.rpartition(":")[2].rpartition(".")[2]
            if self.current_user
            else ""
        )
        return bool(
            names & _DECORATORS
            or (known and known in names)
            or any(_CURRENT.match(n) or _PERMISSION.match(n) for n in names)
        )

    def _protected(self) -> Finding:
        candidates = []
        everywhere = self.source.having(
            b"on_app_init", b"AuthenticationMiddleware", b"before_request"
        )
        for route in self.routes.routes:
            if "GET" not in route.methods or route.has_parameters or not route.mounted:
                continue
            if not route.certain:
                continue
            names = self.guards(route)
            guarded = self._is_guarded(names)
            if (
                not guarded
                and not (self._litestar_guards() and _ME.search(route.path))
                and not self._in_body(route)
            ):
                continue
            if not guarded and not everywhere and not self._in_body(route):
                continue
            score = 6.0 if guarded else 4.0
            score += 6 if _ME.search(route.path) else 0
            score += 2 if re.search(r"/me/?$", route.path) else 0
            score -= 5 if any(_STRICTER.search(name) for name in names) else 0
            score -= 0.4 * route.path.count("/")
            score -= (
                4
                if re.search(
                    r"(?i)logout|refresh|verify|admin|callback|export|download", route.path
                )
                else 0
            )
            score += 2 if self.source.live(route.module) else -6
            score -= 3 if route.handler is not None and _leads_on(route.handler) else 0
            admin = any(re.search(r"(?i)admin|super", name) for name in names)
            candidates.append(Candidate(route.path, route.where, score, admin))
        best = choose(candidates, sure=9, clear=1)
        chosen = [c for c in candidates if (c.value, c.where) == (best.value, best.where)]
        self.for_admins = any(c.data for c in chosen)
        return best

    def _litestar_guards(self) -> bool:
        return bool(
            self.source.having(
                b"OAuth2PasswordBearerAuth", b"JWTAuth(", b"JWTCookieAuth", b"SessionAuth("
            )
        )

    def _in_body(self, route: Route) -> bool:
        """Whether a handler looks for the user itself."""
        if route.handler is None or not _ME.search(route.path):
            return False
        text = ast.unparse(route.handler)
        return bool(
            re.search(
                r"get_jwt_identity|current_user|request\.user|state\.user|get_session|session\[|session\.get|verify_jwt",
                text,
            )
        )

    def _health(self) -> Finding:
        candidates = []
        for route in self.routes.routes:
            if "GET" not in route.methods or route.has_parameters or not route.mounted:
                continue
            if not route.certain:
                continue
            match = _HEALTH.search(route.path)
            if match is None:
                continue
            word = match.group(2).lower()
            score = (
                8.0
                if "health" in word
                else 4.0
                if word in ("ping", "alive", "livez", "live", "liveness", "heartbeat")
                else 3.0
            )
            score -= 0.8 * route.path.strip("/").count("/")
            score -= 6 if self.is_guarded(route) else 0
            score += 2 if self.source.live(route.module) else -6
            candidates.append(Candidate(route.path, route.where, score))
        return choose([c for c in candidates if c.score > 1], sure=7, clear=0.5)

    def _named(self, pattern: str, methods: tuple[str, ...]) -> Finding:
        candidates = []
        for route in self.routes.routes:
            if not re.search(pattern, route.path) or route.has_parameters:
                continue
            score = 6.0 if route.mounted else 0.0
            score += 2 if self.source.live(route.module) else -4
            score += next((3 - i for i, m in enumerate(methods) if m in route.methods), -3)
            chosen = self.authentication.chosen
            if (
                chosen is not None
                and chosen.route.path.rpartition("/")[0] == route.path.rpartition("/")[0]
            ):
                score += 3
            candidates.append(Candidate(route.path, route.where, score))
        return choose([c for c in candidates if c.score > 2], sure=8, clear=1)


def _leads_on(handler: FunctionNode) -> bool:
    """Whether a handler sends some to another page."""
    calls = (node for node in ast.walk(handler) if isinstance(node, ast.Call))
    return any(terminal(call.func) in ("redirect", "RedirectResponse", "abort") for call in calls)
