"""What Litestar asks before every route, and which routes it leaves out."""

from __future__ import annotations

import ast
import re

from ..code.nodes import keyword
from ..code.source import Source
from ..web.routes import Route

_BACKENDS = ("OAuth2PasswordBearerAuth", "JWTAuth", "JWTCookieAuth", "SessionAuth")
_APPLIED = (b"on_app_init", b"AuthenticationMiddleware", b"before_request", b"middleware")


class Everywhere:
    """A backend of Litestar's that is put before the whole application.

    Attributes:
        applied: Whether there is one.
    """

    def __init__(self, source: Source) -> None:
        calls = list(source.live_calls(*_BACKENDS)) if source.having(*_APPLIED) else []
        self.applied = bool(calls)
        self._open: list[re.Pattern[str]] = []
        for module, call in calls:
            given = keyword(call, "exclude")
            elements = given.elts if isinstance(given, ast.List | ast.Tuple) else [given]
            for node in elements:
                symbol = source.resolve(module, node)
                value = symbol.node if symbol is not None else node
                for inner in ast.walk(value) if isinstance(value, ast.AST) else ():
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        self._open += _compiled(inner.value)

    def guards(self, route: Route) -> bool:
        """Say whether a route is behind it: not left out by its path or by its own word."""
        if not self.applied or any(pattern.search(route.path) for pattern in self._open):
            return False
        said = route.handler.decorator_list if route.handler is not None else []
        return not any("exclude_from_auth" in ast.unparse(decorator) for decorator in said)


def _compiled(text: str) -> list[re.Pattern[str]]:
    try:
        return [re.compile(text)]
    except re.error:
        return []
