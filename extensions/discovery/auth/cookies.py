"""The cookies that carry credentials, and what guards them against forgery."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import Any

from ..code.evaluation import Evaluator
from ..code.nodes import argument, keyword, terminal
from ..code.source import Source
from ..findings import Finding
from ..web.middleware import session_middleware
from .authentication import Authentication
from .login_flow import sets_cookie

_REFRESH = re.compile(r"(?i)refresh")
_CSRF = re.compile(r"(?i)csrf|xsrf")
_LITESTAR_KEYS = {"JWTCookieAuth": "token", "ServerSideSessionConfig": "session",
                  "CookieBackendConfig": "session"}  # fmt: skip


class Cookies:
    """Finds the cookies of a login, and the header or field that repeats one.

    Attributes:
        access: The cookie with the access token.
        refresh: The cookie with the refresh token.
        session: The cookie that stands for a session.
        csrf: The cookie that a header has to repeat.
        csrf_header: That header.
        csrf_field: The field of the login's form that has to hold a token.
        flags: Those of the cookie that logs in, where they are not the usual ones.
        refresh_flags: Those of the refresh cookie.
    """

    def __init__(
        self, source: Source, evaluator: Evaluator, authentication: Authentication
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.authentication = authentication
        self.access = self.refresh = self.session = Finding()
        self.csrf = self.csrf_header = Finding()
        self.flags = self.refresh_flags = Finding()
        style = authentication.style.value
        if style == "jwt_cookie":
            self._of_tokens()
        elif style == "session_cookie":
            self.session = self._of_session()
        elif style == "jwt_bearer":
            self._beside_the_token()
        self.csrf_field = self._field()

    def _configured(self, name: str) -> Any:
        """Return what a variable of Flask's configuration is set to; None when it is not."""
        for module in self.source.live_with(name.encode()):
            for _, value in module.values_of(name):
                for known in self.evaluator.values(module, value):
                    return known
        return None

    def _of_tokens(self) -> None:
        where = self.authentication.style.where
        if self.source.live_with(b"flask_jwt_extended"):
            name = self._configured("JWT_ACCESS_COOKIE_NAME") or "access_token_cookie"
            self.access = Finding(name, where, "high")
            self.flags = Finding(self._configured_flags("ACCESS"), where, "medium")
            if self.source.live_with(b"set_refresh_cookies"):
                name = self._configured("JWT_REFRESH_COOKIE_NAME") or "refresh_token_cookie"
                self.refresh = Finding(name, where, "high")
                flags = self._configured_flags("REFRESH")
                self.refresh_flags = Finding(flags, where, "medium")
            if self._configured("JWT_COOKIE_CSRF_PROTECT") is not False:
                name = self._configured("JWT_ACCESS_CSRF_COOKIE_NAME") or "csrf_access_token"
                self.csrf = Finding(name, where, "high")
                name = self._configured("JWT_ACCESS_CSRF_HEADER_NAME") or "X-CSRF-TOKEN"
                self.csrf_header = Finding(name, where, "high")
            return
        made = self._litestar_key("JWTCookieAuth") or self._transport()
        if made:
            self.access = made
            return
        self._beside_the_token()
        for name, place, flags in self._set_at_login:
            if _CSRF.search(name):
                self.csrf = self.csrf or Finding(name, place, "medium")
            elif not _REFRESH.search(name):
                self.access = self.access or Finding(name, place, "high")
                self.flags = self.flags or Finding(flags, place, "medium")
        if self.csrf:
            self.csrf_header = self._repeating_header()

    def _configured_flags(self, kind: str) -> str:
        secure = self._configured("JWT_COOKIE_SECURE") is True
        same_site = str(self._configured("JWT_COOKIE_SAMESITE") or "")
        return _shown(secure, same_site, str(self._configured(f"JWT_{kind}_COOKIE_PATH") or ""))

    def _beside_the_token(self) -> None:
        for name, place, flags in self._set_at_login:
            if _REFRESH.search(name):
                self.refresh = self.refresh or Finding(name, place, "high")
                self.refresh_flags = Finding(flags, place, "medium")

    def _of_session(self) -> Finding:
        where = self.authentication.style.where
        for name, place, flags in self._set_at_login:
            if not _CSRF.search(name):
                self.flags = Finding(flags, place, "medium")
                return Finding(name, place, "high")
        name = self._configured("SESSION_COOKIE_NAME")
        if name:
            return Finding(name, where, "high")
        for module, call in session_middleware(self.source):
            text = self.evaluator.text(module, keyword(call, "session_cookie"))
            return Finding(text or "session", module.where(call), "high")
        made = self._litestar_key("ServerSideSessionConfig", "CookieBackendConfig")
        return made or self._transport() or Finding("session", where, "medium")

    def _litestar_key(self, *kinds: str) -> Finding:
        for module, call in self.source.live_calls(*kinds):
            text = self.evaluator.text(module, keyword(call, "key"))
            name = text or _LITESTAR_KEYS[terminal(call.func)]
            return Finding(name, module.where(call), "high")
        return Finding()

    def _transport(self) -> Finding:
        """Return the cookie of fastapi-users."""
        for module, call in self.source.live_calls("CookieTransport"):
            text = self.evaluator.text(module, argument(call, 0, "cookie_name"))
            flags = _flags(call, "cookie_", secure=True)
            self.flags = Finding(flags, module.where(call), "medium")
            return Finding(text or "fastapiusersauth", module.where(call), "high")
        return Finding()

    @cached_property
    def _set_at_login(self) -> list[tuple[str, str, str]]:
        """The cookies: their names, where they are set, and their flags if unusual."""
        found = []
        for module, function in self.authentication.steps:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and sets_cookie(node):
                    scope = self.evaluator.scope_of(module, function)
                    text = self.evaluator.text(module, argument(node, 0, "key"), scope)
                    if text:
                        found.append((text, module.where(node), _flags(node)))
        for module, call in self.source.live_calls("set_cookie") if not found else ():
            # A middleware may set what the login only leaves for it.
            text = self.evaluator.text(module, argument(call, 0, "key"))
            if text:
                found.append((text, module.where(call), _flags(call)))
        return found

    def _repeating_header(self) -> Finding:
        pattern = re.compile(rb"[\"']((?i:x-)?(?i:csrf|xsrf)[\w-]*)[\"']")
        for module in self.source.live_with(b"headers", b"Header("):
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
