"""How clients prove who they are: the style, the login route and what it answers."""

from __future__ import annotations

import ast
import re

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, terminal, walk
from ..code.source import Source
from ..findings import Confidence, Finding
from ..web.routes import Route, Routes
from .login_response import LoginResponse
from .logins import Logins

_REFRESH = re.compile(r"(?i)refresh|csrf|xsrf|state|next|lang|theme|flash")
_TOKEN_MAKERS = re.compile(
    r"(?i)(create|generate|encode|make|issue|sign|build|get)_?\w*(access|auth|jwt|bearer)?_?tokens?$"
)
_LITESTAR = {
    "OAuth2PasswordBearerAuth": ("jwt_bearer", ("jwt_bearer", "jwt_cookie")),
    "JWTAuth": ("jwt_bearer", ("jwt_bearer",)),
    "JWTCookieAuth": ("jwt_cookie", ("jwt_cookie", "jwt_bearer")),
    "SessionAuth": ("session_cookie", ("session_cookie",)),
}
# What shows a style, anywhere in the application.
_SIGNS = {
    "jwt_bearer": (b"OAuth2PasswordBearer(", b"BearerTransport", b"jwt_required",
                   b"JWTBearer", b"verify_jwt_in_request"),
    "jwt_cookie": (b"set_access_cookies", b"JWTCookieAuth", b"CookieTransport"),
    "opaque_bearer": (b"HTTPTokenAuth(", b"HTTPBearer("),
    "session_cookie": (b"SessionAuthBackend", b"LoginManager(", b"SessionAuth("),
    "api_key": (b"APIKeyHeader(", b"APIKeyQuery("),
    "http_basic": (b"HTTPBasicAuth(", b"HTTPBasic(", b"HTTPBasicCredentials",
                   b"request.authorization"),
}  # fmt: skip
_JWT = (b"jwt.decode(", b"jwt.encode(", b"decode_jwt", b"JsonWebToken", b"decode_token(")
_OF_TOKENS = re.compile(r"(?i)jwt|token|secur|auth|crypt")
_SERVER_SIDE = (b"flask", b"fastapi", b"starlette", b"litestar")


class Authentication(Logins):
    """Finds the login route and, from what it does, the style.

    Attributes:
        logins: All routes that log in, best first.
        login: The best of them: method, path, encoding, fields.
        style: `jwt_bearer`, `jwt_cookie`, `session_cookie`, `api_key` or `none`.
        accepts: All styles that the application takes.
        token_field: The field of the answer that is the token.
    """

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        routes: Routes,
        call_graph: CallGraph,
    ) -> None:
        super().__init__(source, evaluator, routes, call_graph)
        self.signs = self._signs()
        self.response = LoginResponse(source, self.payloads, call_graph)
        self.cookies: list[str] = []
        self.style, self.accepts = self._style()
        self.token_field = self._token_field()
        self.header_prefix = self._header_prefix()

    def _signs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for style, needles in _SIGNS.items():
            for module in self.source.having(*needles):
                if not self.source.live(module):
                    continue
                if style == "http_basic" and not module.has(*_SERVER_SIDE):
                    # Clients of other services have a class of the same name.
                    continue
                for needle in needles:
                    # Which kind of token it is, the scheme does not say.
                    kind = (
                        "jwt_bearer"
                        if needle == b"HTTPBearer(" and self._knows_jwt(module)
                        else style
                    )
                    for match in re.finditer(re.escape(needle), module.data):
                        line_start = module.data.rfind(b"\n", 0, match.start()) + 1
                        line = module.data[line_start : match.start()].strip()
                        if not line.startswith(
                            (b"import", b"from", b"#", b"def", b"async def", b"class", b'"""')
                        ):
                            found.setdefault(kind, module.at(match.start()))
        return found

    def _knows_jwt(self, module: Module) -> bool:
        """Whether a module has to do with JWTs, itself or by what it imports."""
        near = {found.path: found for found in (module, *self.source.imports(module))}
        further = [
            below
            for found in near.values()
            if not found.path.endswith("__init__.py")
            for below in self.source.imports(found)
            if _OF_TOKENS.search(below.path)
        ]
        return any(found.has(*_JWT) for found in (*near.values(), *further))

    def _style(self) -> tuple[Finding, list[str]]:
        accepts = list(self.signs)
        litestar = self._litestar()
        if litestar is not None:
            style, where, takes = litestar
            return Finding(style, where, "high"), list(dict.fromkeys([*takes, *accepts]))
        jwt_cookies = self._flask_jwt_locations()
        chosen = self.chosen
        style, where, sure = "", "", "high"
        if chosen is not None and chosen.route.special == "fastapi_users":
            style, where = self._fastapi_users()
        elif chosen is not None:
            style, where, sure = self._from_flow(chosen.route)
        if not style and chosen is not None and jwt_cookies and jwt_cookies[0][0] == "cookies":
            style, where = "jwt_cookie", jwt_cookies[1]
        if jwt_cookies:
            accepts += [
                f"jwt_{'cookie' if place == 'cookies' else 'bearer'}"
                for place in jwt_cookies[0]
                if place in ("cookies", "headers")
            ]
            accepts = [
                a
                for a in accepts
                if a != "jwt_bearer"
                or "headers" in jwt_cookies[0]
                or "OAuth2PasswordBearer" in str(where)
            ]
        if not style:
            style, where = self._from_signs()
            sure = "high" if chosen is None and style in ("jwt_bearer", "none") else "medium"
            if style == "none":
                sure = "medium" if self.routes.routes else "low"
        confidence: Confidence = "high" if sure == "high" else "medium"
        if self.login and self.login.confidence != "high":
            confidence = "medium"
        if style != "none":
            accepts = list(dict.fromkeys([style, *accepts]))
        return Finding(
            style,
            where,
            confidence,
            tuple((a, self.signs.get(a, "")) for a in accepts if a != style),
        ), accepts

    def _litestar(self) -> tuple[str, str, tuple[str, ...]] | None:
        for module in self.source.having(*(name.encode() for name in _LITESTAR)):
            for call in module.calls if self.source.live(module) else ():
                known = _LITESTAR.get(terminal(call.func))
                symbol = self.source.resolve(module, call.func)
                if known and symbol and symbol.external:
                    return known[0], module.where(call), known[1]
        return None

    def _flask_jwt_locations(self) -> tuple[list[str], str] | None:
        for module in self.source.having(b"JWT_TOKEN_LOCATION"):
            if not self.source.live(module) and module.aside:
                continue
            for node in walk(module.tree):
                value: ast.expr | None = None
                match node:
                    case ast.Assign(targets=[ast.Name(id="JWT_TOKEN_LOCATION")]):
                        value = node.value
                    case ast.Assign(
                        targets=[ast.Subscript(slice=ast.Constant(value="JWT_TOKEN_LOCATION"))]
                    ):
                        value = node.value
                    case ast.AnnAssign(target=ast.Name(id="JWT_TOKEN_LOCATION")):
                        value = node.value
                    case ast.keyword(arg="JWT_TOKEN_LOCATION"):
                        value = node.value
                for found in self.evaluator.values(module, value):
                    if isinstance(found, list):
                        return [str(item) for item in found], module.where(node)
                    if isinstance(found, str):
                        return [found], module.where(node)
        return None

    def _fastapi_users(self) -> tuple[str, str]:
        for module in self.source.having(b"CookieTransport(", b"BearerTransport("):
            if self.source.live(module):
                stateless = any(m.has(b"JWTStrategy(") for m in self.source.having(b"JWTStrategy("))
                if module.has(b"BearerTransport("):
                    return "jwt_bearer", module.where(None)
                return ("jwt_cookie" if stateless else "session_cookie"), module.where(None)
        return "", ""

    def _from_flow(self, route: Route) -> tuple[str, str, str]:  # noqa: PLR0911, PLR0912 - one case after another
        """Read the style off what the login route does."""
        assert route.handler is not None
        session, cookie, token = "", "", ""
        opaque = False
        for module, function in self.call_graph.reachable_from(route.module, route.handler):
            for node in walk(function):
                if isinstance(node, ast.Call):
                    name = terminal(node.func)
                    if name == "set_access_cookies":
                        return "jwt_cookie", module.where(node), "high"
                    if name == "set_cookie":
                        key = self._cookie_name(module, function, node)
                        if key is not None and not _REFRESH.search(key):
                            cookie = cookie or module.where(node)
                            self.cookies += [key] if key not in self.cookies else []
                    elif name in ("login_user", "login") and self._is_login_manager(module, node):
                        session = session or module.where(node)
                    elif _is_jwt(self.source, module, node) or _TOKEN_MAKERS.fullmatch(name):
                        token = token or module.where(node)
                    elif name in ("token_urlsafe", "token_hex", "uuid4"):
                        opaque = True
                    elif _sets_session(node):
                        session = session or module.where(node)
                elif isinstance(node, ast.Assign) and any(
                    _is_session_item(t) for t in node.targets
                ):
                    session = session or module.where(node)
        both = "jwt_bearer" in self.signs and self.response.always_token(route)
        if (
            cookie
            and token
            and not both
            and (self._reads_cookies() or not self._answers_token(route))
        ):
            sure = (
                "high"
                if not self._answers_token(route) or "jwt_bearer" not in self.signs
                else "medium"
            )
            return "jwt_cookie", cookie, "high" if self._reads_cookies() else sure
        if session and not (token and self._answers_token(route)):
            return "session_cookie", session, "high"
        if cookie and not token:
            return "session_cookie", cookie, "high" if opaque else "medium"
        if token:
            return "jwt_bearer", token, "high"
        if self._answers_token(route):
            return "jwt_bearer", route.where, "medium"
        return "", "", "medium"

    def _is_login_manager(self, module: Module, call: ast.Call) -> bool:
        symbol = self.source.resolve(module, call.func)
        top = symbol.path.partition(".")[0] if symbol is not None and symbol.external else ""
        return "login" in top or "security" in top

    def _cookie_name(self, module: Module, function: FunctionNode, call: ast.Call) -> str | None:
        node = argument(call, 0, "key")
        scope = self.evaluator.scope_of(module, function)
        text = self.evaluator.text(module, node, scope)
        if text is None and isinstance(node, ast.Attribute | ast.Name):
            return terminal(node)
        return text

    def _reads_cookies(self) -> bool:
        pattern = re.compile(
            rb"cookies\.get\(|cookies\[|\bCookie\(|APIKeyCookie|request\.cookies|\.cookies\b"
        )
        for module in self.source.containing(re.compile(rb"ookie"), most_aside=0):
            if self.source.live(module):
                for match in pattern.finditer(module.data):
                    line_end = module.data.find(b"\n", match.end())
                    line = module.data[match.start() : line_end if line_end > 0 else None]
                    if not _REFRESH.search(line.decode("utf-8", "replace")):
                        return True
        return False

    def _from_signs(self) -> tuple[str, str]:
        for style in ("jwt_bearer", "session_cookie", "jwt_cookie", "api_key", "opaque_bearer"):
            if style in self.signs:
                return style, self.signs[style]
        for module in self.source.having(b"jwt.decode(", b"jwt.encode("):
            if self.source.live(module):
                return "jwt_bearer", module.where(None)
        return "none", ""

    def _answers_token(self, route: Route) -> bool:
        return bool(self.response.token(route))

    def _token_field(self) -> Finding:
        chosen = self.chosen
        if chosen is None or self.style.value not in ("jwt_bearer", "jwt_cookie"):
            return Finding()
        if chosen.route.special == "fastapi_users" or chosen.route.handler is None:
            return Finding("access_token", chosen.route.where, "high")
        name = self.response.token(chosen.route)
        litestar = self._litestar()
        if not name and litestar is not None and litestar[0] == "jwt_bearer":
            return Finding("access_token", chosen.route.where, "high")
        return Finding(name, chosen.route.where, "high") if name else Finding()

    def _header_prefix(self) -> Finding:
        pattern = re.compile(
            rb"(?i)(?:header_type|token_prefix|auth_prefix|prefix|scheme|header_prefix)\w*\"?'?\]?"
            rb"\s*(?:: *\w+)?\s*(?:=|==|!=|:)\s*[\"'](Token|JWT|Bearer)\b"
        )
        for module in self.source.having(b"Token", b"token", b"JWT"):
            if not self.source.live(module):
                continue
            if not module.has(b'oken"', b"oken'", b'JWT"', b"JWT'"):
                continue
            for match in pattern.finditer(module.data):
                value = match.group(1).decode()
                if value.lower() != "bearer":
                    return Finding(value, module.at(match.start()), "medium")
        for style in ("jwt_bearer", "opaque_bearer"):
            if style in self.accepts:
                return Finding("Bearer", self.signs.get(style, ""), "high")
        return Finding()


def _is_jwt(source: Source, module: Module, call: ast.Call) -> bool:
    if terminal(call.func) not in ("encode", "create_access_token"):
        return False
    symbol = source.resolve(module, call.func)
    return symbol is not None and symbol.path.split(".")[0] in (
        "jwt",
        "jose",
        "authlib",
        "joserfc",
        "flask_jwt_extended",
    )


def _is_session_item(node: ast.expr) -> bool:
    """Whether it is `session["user_id"]`, Flask's or Starlette's."""
    if not isinstance(node, ast.Subscript):
        return False
    holder = node.value
    if isinstance(holder, ast.Name):
        return holder.id == "session"
    return (
        isinstance(holder, ast.Attribute)
        and holder.attr == "session"
        and terminal(holder.value) in ("request", "connection")
    )


def _sets_session(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("set_session", "update")
        and (call.func.attr == "set_session" or _is_request_session(call.func.value))
    )


def _is_request_session(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "session"
        and terminal(node.value) == "request"
    )
