"""What gets in the way of a test's request: CSRF, rate limits, trusted hosts, captchas."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import terminal
from ..code.patterns import first_places
from ..code.source import Source
from ..findings import Finding

_OBSTACLES = {
    "csrf": rb"CSRFProtect\w*\(|CSRFProtectMiddleware|CsrfProtect|CSRFMiddleware|CSRFConfig\("
    rb"|FlaskForm\b|csrf_protect|JWT_COOKIE_CSRF_PROTECT\W{1,5}True",
    "rate_limit": rb"\bLimiter\(|RateLimiter\(|RateLimitMiddleware|RateLimitConfig\("
    rb"|limiter\.limit\(|SlowAPIMiddleware|throttl\w+\(",
    "trusted_hosts": rb"TrustedHostMiddleware|AllowedHostsConfig|\bSERVER_NAME\b\W",
    "captcha": rb"(?i)\b\w*captcha\w*\(|turnstile",
}


def obstacles(source: Source) -> dict[str, Finding]:
    """Return each obstacle with its place."""
    return first_places(source, _OBSTACLES)


def session_middleware(source: Source) -> Iterator[tuple[Module, ast.Call]]:
    """Yield the calls that make Starlette's middleware for sessions, or hand it on to be made."""
    for module in source.live_with(b"SessionMiddleware"):
        for call in module.calls:
            if any(terminal(node) == "SessionMiddleware" for node in (call.func, *call.args)):
                yield module, call
