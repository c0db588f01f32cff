"""Where the key is that tokens and sessions are signed with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import argument, keyword, local_values, parameters, terminal
from ..code.source import Source
from ..findings import Finding
from ..web.middleware import session_middleware

_JWT = ("jwt", "jose", "authlib", "joserfc")
_READING = ("get_secret_value", "read_text", "read_bytes")


class SigningKey:
    """Finds the expressions that a key is read from.

    Attributes:
        found: Places of it, with blanks between them; the harness tries each.
    """

    def __init__(self, source: Source, style: str) -> None:
        self.source = source
        self.found = self._find(style)

    def _find(self, style: str) -> Finding:
        """Return places of the key, with blanks between them; the harness tries each."""
        found: dict[str, str] = {}
        flask = bool(self.source.live_with(b"Flask("))
        if style in ("jwt_bearer", "jwt_cookie"):
            if self.source.live_with(b"flask_jwt_extended"):
                found.setdefault("JWT_SECRET_KEY", "")
            for module, call, node in self._signings():
                for place in self._places(module, call, node):
                    found.setdefault(place, module.where(call))
        elif style == "session_cookie":
            for module, call in session_middleware(self.source):
                for place in self._places(module, call, keyword(call, "secret_key")):
                    found.setdefault(place, module.where(call))
        # A cookie of Flask-Session is the name of a session, which nothing signs.
        if flask and not (style == "session_cookie" and self.source.live_with(b"flask_session")):
            found.setdefault("SECRET_KEY", "")
        where = next(filter(None, found.values()), "")
        return Finding(" ".join(list(found)[:4]), where, "medium")

    def _signings(self) -> Iterator[tuple[Module, ast.Call, ast.expr | None]]:
        for module in self.source.live_with(b".encode(", b"token_secret", b"JWTStrategy("):
            for call in module.calls:
                name = terminal(call.func)
                if name in ("JWTAuth", "JWTCookieAuth", "OAuth2PasswordBearerAuth"):
                    yield module, call, keyword(call, "token_secret")
                elif name == "JWTStrategy":
                    yield module, call, argument(call, 0, "secret")
                elif name == "encode" and (package := self._package(module, call)) in _JWT:
                    yield module, call, argument(call, 2 if package == "authlib" else 1, "key")

    def _package(self, module: Module, call: ast.Call) -> str:
        symbol = self.source.resolve(module, call.func)
        return symbol.path.partition(".")[0] if symbol is not None else ""

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
