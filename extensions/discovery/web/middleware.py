"""What gets in the way of a test's request: CSRF, rate limits, trusted hosts, captchas."""

from __future__ import annotations

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
