"""The style of authentication, read off what the login route does."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, keyword, terminal, walk
from ..code.source import Source
from ..web.routes import Route
from .login_response import LoginResponse

_REFRESH = re.compile(r"(?i)refresh|csrf|xsrf|state|next|lang|theme|flash")
_TOKEN_MAKERS = re.compile(
    r"(?i)(create|generate|encode|make|issue|sign|build|get)_?\w*(access|auth|jwt|bearer)?_?tokens?$"
)


class LoginFlow:
    """Follows a login through the backend.

    Attributes:
        cookies: The names of the cookies that it sets.
    """

    def __init__(
        self, source: Source, evaluator: Evaluator, call_graph: CallGraph,
        response: LoginResponse, signs: Collection[str],
    ) -> None:  # fmt: skip
        self.source = source
        self.evaluator = evaluator
        self.call_graph = call_graph
        self.response = response
        self.signs = signs
        self.cookies: list[str] = []

    def style(self, route: Route) -> tuple[str, str, str]:  # noqa: PLR0911, PLR0912 - one case after another
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
                    if sets_cookie(node):
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
            and (self.reads_cookies() or not self.response.token(route))
        ):
            sure = (
                "high"
                if not self.response.token(route) or "jwt_bearer" not in self.signs
                else "medium"
            )
            return "jwt_cookie", cookie, "high" if self.reads_cookies() else sure
        if session and not (token and self.response.token(route)):
            return "session_cookie", session, "high"
        if cookie and not token:
            return "session_cookie", cookie, "high" if opaque else "medium"
        if token:
            return "jwt_bearer", token, "high"
        if self.response.token(route):
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

    def reads_cookies(self) -> bool:
        """Say whether the application looks into cookies, but for a refresh token."""
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


def sets_cookie(call: ast.Call) -> bool:
    """Say whether a call sets a cookie, or makes one that a response of Litestar's is given."""
    name = terminal(call.func)
    return name == "set_cookie" or (name == "Cookie" and keyword(call, "value") is not None)


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
