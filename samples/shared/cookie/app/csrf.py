"""Requests that another site makes a browser send are told from our own by a header.

Browsers add cookies by themselves, but only our own pages can read the cookie below and repeat it
in a header ("double submit", OWASP Cross-Site Request Forgery Prevention Cheat Sheet).
"""

from secrets import compare_digest, token_urlsafe

from app.errors import Forbidden

CSRF_COOKIE = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def new_csrf_token() -> str:
    """Return what the cookie and the header hold until the next login."""
    return token_urlsafe(32)


def check_csrf(method: str, cookie: str, header: str) -> None:
    """See that the header repeats the cookie. Raises Forbidden; safe methods need no header."""
    if method in SAFE_METHODS:
        return
    if not cookie or not compare_digest(cookie.encode(), header.encode()):
        raise Forbidden(f"The header {CSRF_HEADER} has to repeat the cookie {CSRF_COOKIE}.")
