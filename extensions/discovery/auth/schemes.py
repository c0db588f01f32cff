"""What shows a style of authentication, anywhere in the application."""

from __future__ import annotations

import re

from ..code.import_graph import imports
from ..code.modules import Module
from ..code.source import Source

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


class Schemes:
    """Finds the styles that the application knows.

    Attributes:
        places: Where each is shown first.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places = self._find()

    def _find(self) -> dict[str, str]:
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
        near = {found.path: found for found in (module, *imports(self.source, module))}
        further = [
            below
            for found in near.values()
            if not found.path.endswith("__init__.py")
            for below in imports(self.source, found)
            if _OF_TOKENS.search(below.path)
        ]
        return any(found.has(*_JWT) for found in (*near.values(), *further))

    def likeliest(self) -> tuple[str, str]:
        """Return the style that is shown best, and where; `none` when there is none."""
        for style in ("jwt_bearer", "session_cookie", "jwt_cookie", "api_key", "opaque_bearer"):
            if style in self.places:
                return style, self.places[style]
        for module in self.source.having(b"jwt.decode(", b"jwt.encode("):
            if self.source.live(module):
                return "jwt_bearer", module.where(None)
        return "none", ""
