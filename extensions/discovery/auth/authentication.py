"""How clients prove who they are: the style, the login route and what it answers."""

from __future__ import annotations

import re

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.nodes import terminal
from ..code.source import Source
from ..findings import Confidence, Finding
from ..web.routes import Routes
from .login_flow import LoginFlow
from .login_response import LoginResponse
from .logins import Logins
from .schemes import Schemes

_LITESTAR = {
    "OAuth2PasswordBearerAuth": ("jwt_bearer", ("jwt_bearer", "jwt_cookie")),
    "JWTAuth": ("jwt_bearer", ("jwt_bearer",)),
    "JWTCookieAuth": ("jwt_cookie", ("jwt_cookie", "jwt_bearer")),
    "SessionAuth": ("session_cookie", ("session_cookie",)),
}

_HEADERS = (
    b"HTTPBearer", b"OAuth2PasswordBearer", b'"Authorization"', b'"authorization"',
    b"'Authorization'", b"'authorization'",
)  # fmt: skip


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
        self, source: Source, evaluator: Evaluator, routes: Routes, call_graph: CallGraph
    ) -> None:
        super().__init__(source, evaluator, routes, call_graph)
        self.schemes = Schemes(source)
        self.signs = self.schemes.places
        self.response = LoginResponse(source, self.payloads, call_graph)
        self.flow = LoginFlow(source, evaluator, call_graph, self.response, self.signs)
        self.style, self.accepts = self._style()
        self.token_field = self._token_field()
        self.header_prefix = self._header_prefix()

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
            style, where, sure = self.flow.style(chosen.route)
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
            style, where = self.schemes.likeliest()
            if style == "jwt_bearer" and (setting := self._in_a_middleware()):
                style, where = "jwt_cookie", setting
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

    def _in_a_middleware(self) -> str:
        """Return where a cookie with the token is set for what no route reads out of a header."""
        if self.source.live_with(*_HEADERS) or not self.flow.reads_cookies():
            return ""
        calls = self.source.live_calls("set_cookie")
        return next((module.where(call) for module, call in calls), "")

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
            for node, value in module.values_of("JWT_TOKEN_LOCATION"):
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
