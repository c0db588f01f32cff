"""What carries a credential, and where the key is that it is signed with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, keyword, local_values, parameters, terminal
from ..code.source import Source
from ..database.models import Models
from ..findings import Finding
from .authentication import Authentication

_REFRESH = re.compile(r"(?i)refresh")
_CSRF = re.compile(r"(?i)csrf|xsrf")
_KEY_COLUMN = re.compile(r"(?i)^(api_?key|api_?token|access_?key|key)$")
_KEY_MODEL = re.compile(r"(?i)^(user_?)?(api_?keys?|api_?tokens?|access_?keys?)(model)?$")
_READING = ("get_secret_value", "read_text", "read_bytes")
_LITESTAR_KEYS = {"JWTCookieAuth": "token", "ServerSideSessionConfig": "session",
                  "CookieBackendConfig": "session"}  # fmt: skip


class Credentials:
    """Finds the names of cookies and headers.

    Attributes:
        access_cookie: The cookie with the access token.
        refresh_cookie: The cookie with the refresh token.
        session_cookie: The cookie that stands for a session.
        csrf_cookie: The cookie that a header has to repeat.
        csrf_header: That header.
        csrf_field: The field of the login's form that has to hold a token.
        token_key: Where the key is that tokens or sessions are signed with.
        api_key: `in`, `name` and `attribute` of an API key.
        cookie_flags: Those of the cookie that logs in, where they are not the usual ones.
        refresh_cookie_flags: Those of the refresh cookie.
    """

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        authentication: Authentication,
        call_graph: CallGraph,
        models: Models,
        *,
        user_model: str,
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.authentication = authentication
        self.call_graph = call_graph
        self.models = models
        self.access_cookie = self.refresh_cookie = self.session_cookie = Finding()
        self.csrf_cookie = self.csrf_header = self.csrf_field = Finding()
        self.cookie_flags = self.refresh_cookie_flags = Finding()
        self._flask_jwt = bool(self._live(b"flask_jwt_extended"))
        style = authentication.style.value
        if style == "jwt_cookie":
            self._cookies_of_tokens()
        elif style == "session_cookie":
            self.session_cookie = self._cookie_of_session()
        elif style == "jwt_bearer":
            self._cookie_beside_the_token()
        self.csrf_field = self._field()
        self.token_key = self._key(style)
        self.api_key = self._api_key(user_model)

    def _live(self, *needles: bytes) -> list[Module]:
        found = self.source.having(*needles, most_aside=0)
        return [module for module in found if self.source.live(module)]

    def _configured(self, name: str) -> Any:
        """Return what a variable of Flask's configuration is set to; None when it is not."""
        for module in self._live(name.encode()):
            for node in ast.walk(module.tree):
                value = None
                match node:
                    case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                        value = node.value
                    case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=found))]) if (
                        found == name
                    ):
                        value = node.value
                    case ast.keyword(arg=found) if found == name:
                        value = node.value
                for text in self.evaluator.values(module, value) if value is not None else ():
                    return text
        return None

    # --------------------------------------------------------------------------------- cookies

    def _cookies_of_tokens(self) -> None:
        where = self.authentication.style.where
        if self._flask_jwt:
            name = self._configured("JWT_ACCESS_COOKIE_NAME") or "access_token_cookie"
            self.access_cookie = Finding(name, where, "high")
            self.cookie_flags = Finding(self._configured_flags("ACCESS"), where, "medium")
            if self._live(b"set_refresh_cookies"):
                name = self._configured("JWT_REFRESH_COOKIE_NAME") or "refresh_token_cookie"
                self.refresh_cookie = Finding(name, where, "high")
                flags = self._configured_flags("REFRESH")
                self.refresh_cookie_flags = Finding(flags, where, "medium")
            if self._configured("JWT_COOKIE_CSRF_PROTECT") is not False:
                name = self._configured("JWT_ACCESS_CSRF_COOKIE_NAME") or "csrf_access_token"
                self.csrf_cookie = Finding(name, where, "high")
                name = self._configured("JWT_ACCESS_CSRF_HEADER_NAME") or "X-CSRF-TOKEN"
                self.csrf_header = Finding(name, where, "high")
            return
        made = self._litestar_key("JWTCookieAuth") or self._transport()
        if made:
            self.access_cookie = made
            return
        self._cookie_beside_the_token()
        for name, place, flags in self._set_at_login:
            if _CSRF.search(name):
                self.csrf_cookie = self.csrf_cookie or Finding(name, place, "medium")
            elif not _REFRESH.search(name):
                self.access_cookie = self.access_cookie or Finding(name, place, "high")
                self.cookie_flags = self.cookie_flags or Finding(flags, place, "medium")
        if self.csrf_cookie:
            self.csrf_header = self._repeating_header()

    def _configured_flags(self, kind: str) -> str:
        secure = self._configured("JWT_COOKIE_SECURE") is True
        same_site = str(self._configured("JWT_COOKIE_SAMESITE") or "")
        return _shown(secure, same_site, str(self._configured(f"JWT_{kind}_COOKIE_PATH") or ""))

    def _cookie_beside_the_token(self) -> None:
        for name, place, flags in self._set_at_login:
            if _REFRESH.search(name):
                self.refresh_cookie = self.refresh_cookie or Finding(name, place, "high")
                self.refresh_cookie_flags = Finding(flags, place, "medium")

    def _cookie_of_session(self) -> Finding:
        where = self.authentication.style.where
        for name, place, flags in self._set_at_login:
            if not _CSRF.search(name):
                self.cookie_flags = Finding(flags, place, "medium")
                return Finding(name, place, "high")
        name = self._configured("SESSION_COOKIE_NAME")
        if name:
            return Finding(name, where, "high")
        for module in self._live(b"SessionMiddleware"):
            for call in module.calls:
                given = [call.func, *call.args]
                if any(terminal(node) == "SessionMiddleware" for node in given):
                    text = self.evaluator.text(module, keyword(call, "session_cookie"))
                    return Finding(text or "session", module.where(call), "high")
        made = self._litestar_key("ServerSideSessionConfig", "CookieBackendConfig")
        return made or self._transport() or Finding("session", where, "medium")

    def _litestar_key(self, *kinds: str) -> Finding:
        for module in self._live(*(kind.encode() + b"(" for kind in kinds)):
            for call in module.calls:
                if terminal(call.func) in kinds:
                    text = self.evaluator.text(module, keyword(call, "key"))
                    name = text or _LITESTAR_KEYS[terminal(call.func)]
                    return Finding(name, module.where(call), "high")
        return Finding()

    def _transport(self) -> Finding:
        """Return the cookie of fastapi-users."""
        for module in self._live(b"CookieTransport("):
            for call in module.calls:
                if terminal(call.func) == "CookieTransport":
                    text = self.evaluator.text(module, argument(call, 0, "cookie_name"))
                    flags = _flags(call, "cookie_", secure=True)
                    self.cookie_flags = Finding(flags, module.where(call), "medium")
                    return Finding(text or "fastapiusersauth", module.where(call), "high")
        return Finding()

    def _steps(self) -> list[tuple[Module, FunctionNode]]:
        chosen = self.authentication.chosen
        if chosen is None or chosen.route.handler is None:
            return []
        return self.call_graph.reachable_from(chosen.route.module, chosen.route.handler)

    @cached_property
    def _set_at_login(self) -> list[tuple[str, str, str]]:
        """The cookies: their names, where they are set, and their flags if unusual."""
        found = []
        for module, function in self._steps():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and terminal(node.func) == "set_cookie":
                    scope = self.evaluator.scope_of(module, function)
                    text = self.evaluator.text(module, argument(node, 0, "key"), scope)
                    if text:
                        found.append((text, module.where(node), _flags(node)))
        return found

    def _repeating_header(self) -> Finding:
        pattern = re.compile(rb"[\"']((?i:x-)?(?i:csrf|xsrf)[\w-]*)[\"']")
        for module in self._live(b"headers", b"Header("):
            for match in pattern.finditer(module.data):
                name = match.group(1).decode()
                if "-" in name:
                    return Finding(name, module.at(match.start()), "medium")
        return Finding("X-CSRF-Token", "", "low")

    def _field(self) -> Finding:
        chosen = self.authentication.chosen
        if chosen is None or not chosen.payload.csrf:
            return Finding()
        return Finding("csrf_token", chosen.route.where, "high")

    # ------------------------------------------------------------------------------------- the key

    def _key(self, style: str) -> Finding:
        """Return places of the key, with blanks between them; the harness tries each."""
        found: dict[str, str] = {}
        flask = bool(self._live(b"Flask("))
        if style in ("jwt_bearer", "jwt_cookie"):
            if self._flask_jwt:
                found.setdefault("JWT_SECRET_KEY", "")
            for module, call, node in self._signings():
                for place in self._places(module, call, node):
                    found.setdefault(place, module.where(call))
        elif style == "session_cookie":
            for module in self._live(b"SessionMiddleware"):
                for call in module.calls:
                    given = [call.func, *call.args]
                    if any(terminal(node) == "SessionMiddleware" for node in given):
                        for place in self._places(module, call, keyword(call, "secret_key")):
                            found.setdefault(place, module.where(call))
        # A cookie of Flask-Session is the name of a session, which nothing signs.
        if flask and not (style == "session_cookie" and self._live(b"flask_session")):
            found.setdefault("SECRET_KEY", "")
        where = next(filter(None, found.values()), "")
        return Finding(" ".join(list(found)[:4]), where, "medium")

    def _signings(self) -> Iterator[tuple[Module, ast.Call, ast.expr | None]]:
        for module in self._live(b".encode(", b"token_secret", b"JWTStrategy("):
            for call in module.calls:
                name = terminal(call.func)
                if name in ("JWTAuth", "JWTCookieAuth", "OAuth2PasswordBearerAuth"):
                    yield module, call, keyword(call, "token_secret")
                elif name == "JWTStrategy":
                    yield module, call, argument(call, 0, "secret")
                elif name == "encode" and self._is_jwt(module, call):
                    second = 2 if _top(self.source, module, call) == "authlib" else 1
                    yield module, call, argument(call, second, "key")

    def _is_jwt(self, module: Module, call: ast.Call) -> bool:
        return _top(self.source, module, call) in ("jwt", "jose", "authlib", "joserfc")

    def _places(self, module: Module, call: ast.Call, node: ast.expr | None) -> Iterator[str]:
        """Return where a harness may look for the value of an expression."""
        if isinstance(node, ast.Call) and node.args and terminal(node.func) in ("str", "Secret"):
            node = node.args[0]
        function = module.outline.around.get(id(call))
        given = {} if function is None else {arg.arg: it for arg, it in parameters(function)}
        local = {} if function is None else local_values(function)
        if isinstance(node, ast.Name):
            node = given.get(node.id) or local.get(node.id) or node
        while isinstance(node, ast.Call) and terminal(node.func) in _READING:
            assert isinstance(node.func, ast.Attribute)
            node = node.func.value
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)
            return
        if not isinstance(node, ast.Name | ast.Attribute):
            return
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Call):
            if isinstance(root, ast.Call) and (root.args or root.keywords):
                break
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name) and root.id in module.names and root.id not in given:
            yield f"{module.name}:{ast.unparse(node)}"
        else:
            yield terminal(node).upper()

    # ----------------------------------------------------------------------------------- API keys

    def _api_key(self, user_model: str) -> Finding:
        for module in self._live(b"APIKeyHeader(", b"APIKeyQuery("):
            for call in module.calls:
                kind = terminal(call.func)
                name = self.evaluator.text(module, keyword(call, "name"))
                if kind not in ("APIKeyHeader", "APIKeyQuery") or not name:
                    continue
                value = {
                    "in": "header" if kind == "APIKeyHeader" else "query",
                    "name": name,
                    "attribute": self._key_attribute(user_model),
                }
                return Finding(value, module.where(call), "high")
        return Finding()

    def _key_attribute(self, user_model: str) -> str:
        for model in self.models.mapped.values():
            is_user = model.address == user_model
            if not is_user and not _KEY_MODEL.match(model.symbol.name):
                continue
            for name, _ in self.models.attributes(model.symbol):
                if _KEY_COLUMN.match(name):
                    return name if is_user else f"{model.address}.{name}"
        return ""


def _flags(call: ast.Call, prefix: str = "", *, secure: bool = False) -> str:
    """Return what a cookie that is set so is to show.

    Args:
        call: What sets it.
        prefix: What the names of its arguments begin with.
        secure: Whether it is sent encrypted only, where the call says nothing.
    """
    literal = {
        (word.arg or "").removeprefix(prefix): word.value.value
        for word in call.keywords
        if isinstance(word.value, ast.Constant) and isinstance(word.value.value, str | bool)
    }
    given = literal.get("secure", secure) is True
    return _shown(given, str(literal.get("samesite") or ""), str(literal.get("path") or ""))


def _shown(secure: bool, same_site: str, path: str) -> str:
    """Return flags as text; empty where they are what those of every cookie are to be."""
    flags = ["HttpOnly", *(["Secure"] if secure else [])]
    shown = " ".join([*flags, f"SameSite={same_site or 'lax'}", f"Path={path or '/'}"])
    return "" if shown.lower() == "httponly samesite=lax path=/" else shown


def _top(source: Source, module: Module, call: ast.Call) -> str:
    symbol = source.resolve(module, call.func)
    return symbol.path.split(".")[0] if symbol is not None else ""
