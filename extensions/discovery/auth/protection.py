"""Which routes ask for a user before they run, and the paths that tests go by."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.call_graph import CallGraph
from ..code.modules import Module
from ..code.nodes import FunctionNode, parameters, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Finding, choose
from ..web.routes import Route, Routes
from .authentication import Authentication
from .current_user import CURRENT, STRICTER
from .everywhere import Everywhere

_PERMISSION = re.compile(
    r"(?i)^(is_?authenticated|is_?admin|is_?superuser|\w*permission_?dependency)$"
)
_DECORATORS = frozenset([
    "login_required", "jwt_required", "auth_required", "token_required", "requires_auth",
    "requires", "fresh_jwt_required",
])  # fmt: skip
# What a handler asks that looks for the user itself.
_IN_BODY = re.compile(
    r"get_jwt_identity|current_user|request\.user|state\.user|get_session|session\[|session\.get"
    r"|verify_jwt"
)
_OTHER = re.compile(r"(?i)logout|refresh|verify|admin|callback|export|download")
_OF_BROWSERS = ("session_cookie", "jwt_cookie")
_PAGES = frozenset([
    "HTMLResponse", "Template", "TemplateResponse", "render", "render_template",
    "render_template_string",
])  # fmt: skip


_PLAIN = ("str", "int", "float", "bool", "UUID", "date", "datetime", "Decimal")
_ALIVE = ("ping", "alive", "livez", "live", "liveness", "heartbeat")
_ME = re.compile(
    r"(?i)(^|/)(me|whoami|profile|current|current_user|current-user|user|account|self|users/me)/?$"
)
# The same where nothing in the code says that it is refused to anybody: by what is run before.
_MINE = re.compile(r"(?i)(^|/)((get|my)[-_]?)*(me|whoami|profile|current[-_]?user|account|self)/?$")
_API = re.compile(r"(?i)/(api|rest|v\d+)(?=/)")
_HEALTH = re.compile(
    r"(?i)(^|[/_-])(health_?-?(check|z|y)?|healthz|healthcheck|livez?|liveness|readyz?|readiness|alive|ping|status|heartbeat|_health|up)/?$"
)


class Protection:
    """Finds the routes that ask for a user, and those that never do.

    Attributes:
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
        current_user: Finding,
    ) -> None:
        self.source = source
        self.routes = routes
        self.authentication = authentication
        self.call_graph = call_graph
        self.current_user = current_user
        self._name_of_current = str(current_user.value).rpartition(":")[2].rpartition(".")[2]
        self._guards: dict[int, set[str]] = {}
        self.for_admins = False
        self.everywhere = Everywhere(source)
        self.protected = self._protected()
        if not self.protected and self.everywhere.applied:
            self.routes.widen(b"Controller", b"get(")
            self.protected = self._protected()
        if not self.protected and self.current_user:
            self.routes.widen(
                b"current_user",
                b"login_required",
                b"jwt_required",
                self._name_of_current.encode(),
            )
            self.protected = self._protected()
        self.protected = self.protected or self._guessed()
        self.health = self._health()
        self.logout = self._named(r"(?i)log_?-?out|sign_?-?out", ("POST", "GET", "DELETE"))
        self.refresh = self._named(r"(?i)refresh", ("POST", "GET", "PUT"))

    def _guessed(self) -> Finding:
        """Return the path that by its name is a user's own; the running application tells."""
        for route in self.routes.routes if self.authentication.login else ():
            is_plain = "GET" in route.methods and route.mounted and not route.has_parameters
            if is_plain and _MINE.search(route.path):
                return Finding(route.path, route.where, "low")
        return Finding(note=self.protected.note)

    @property
    def way(self) -> list[tuple[Module, FunctionNode]]:
        """The handler of the protected path, and what it depends on and calls."""
        for route in self.routes.routes:
            is_it = (route.path, route.where) == (self.protected.value, self.protected.where)
            if is_it and route.handler is not None:
                return self.call_graph.reachable_from(route.module, route.handler)
        return []

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
            symbol = route.module.symbol(route.holder.name, route.holder)
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
        known = self._name_of_current
        return bool(
            names & _DECORATORS
            or (known and known in names)
            or any(CURRENT.match(n) or _PERMISSION.match(n) for n in names)
        )

    def _protected(self) -> Finding:
        candidates = []
        login = self.authentication.chosen
        beside = _part(login.route.path) if login is not None else ""
        for route in self._gettable():
            names = self.guards(route)
            guarded = self._is_guarded(names)
            if not (guarded or self._in_body(route) or self.everywhere.guards(route)):
                continue
            score = 6.0 if guarded else 4.0
            score -= 6 if _wants_more(route.handler) else 0
            score += 6 if _ME.search(route.path) else 0
            score += 2 if re.search(r"/me/?$", route.path) else 0
            score -= 5 if any(STRICTER.search(name) for name in names) else 0
            score -= 0.4 * route.path.count("/")
            score -= 4 if _OTHER.search(route.path) else 0
            # Who logs in to the API is nobody on the pages beside it, which have a login of theirs.
            score -= 8 if beside and beside != _part(route.path) else 0
            score += 2 if self.source.live(route.module) else -6
            score -= 3 if route.handler is not None and _leads_on(route.handler) else 0
            # A page asks a browser for its session, and clients of the API show something else.
            if self.authentication.style.value not in _OF_BROWSERS and _is_page(route):
                score -= 7
            admin = any(re.search(r"(?i)admin|super", name) for name in names)
            candidates.append(Candidate(route.path, route.where, score, admin))
        best = choose(candidates, sure=9, clear=1)
        self.for_admins = any(
            c.data for c in candidates if (c.value, c.where) == (best.value, best.where)
        )
        return best

    def _gettable(self) -> Iterator[Route]:
        """Yield the routes that a test can GET without knowing more than the path.

        Where it is not read how the login gets into the application, others get there alike.
        """
        login = self.authentication.chosen
        is_login_mounted = login is None or login.route.mounted
        for route in self.routes.routes:
            mounted = route.mounted or not is_login_mounted
            known = mounted and route.certain and not route.has_parameters
            if "GET" in route.methods and known:
                yield route

    def _in_body(self, route: Route) -> bool:
        """Whether a handler looks for the user itself."""
        if route.handler is None or not _ME.search(route.path):
            return False
        text = ast.unparse(route.handler)
        return bool(_IN_BODY.search(text))

    def _health(self) -> Finding:
        candidates = []
        for route in self._gettable():
            match = _HEALTH.search(route.path)
            if match is None:
                continue
            word = match.group(2).lower()
            score = 8.0 if "health" in word else 4.0 if word in _ALIVE else 3.0
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


def _is_page(route: Route) -> bool:
    """Whether a handler answers with a page and not with data."""
    if route.handler is None:
        return False
    names = {
        terminal(node)
        for part in (route.handler, route.handler.returns)
        for node in (walk(part) if part is not None else ())
        if isinstance(node, ast.Name | ast.Attribute)
    }
    return bool(names & _PAGES)


def _part(path: str) -> str:
    """Return the part of an application that is an API, by what its paths begin with."""
    found = _API.match(path)
    return found[0].lower() if found else ""


def _wants_more(handler: FunctionNode | None) -> bool:
    """Whether a handler asks for a value that only a query can give it."""
    asked = parameters(handler) if handler is not None else []
    return any(default is None and terminal(arg.annotation) in _PLAIN for arg, default in asked)


def _leads_on(handler: FunctionNode) -> bool:
    """Whether a handler sends some to another page."""
    calls = (node for node in ast.walk(handler) if isinstance(node, ast.Call))
    return any(terminal(call.func) in ("redirect", "RedirectResponse", "abort") for call in calls)
