"""What a test sends in each step around a login: paths and payloads with places to fill in."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from urllib.parse import quote_plus

from ..code.nodes import parameters
from ..web.payloads import Payloads
from ..web.routes import Route
from ..web.schemas import LOGIN, PASSWORD, Payload
from .logins import Login

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}|<(?:\w+:)?(\w+)>")
_TOKEN = re.compile(r"(?i)token|code|key|uid|refresh")
_MAIL = re.compile(r"(?i)mail")

# Fields that a signup may ask for, and what a test sends in them.
_FURTHER = {
    "name": "Ada Lovelace", "full_name": "Ada Lovelace", "fullname": "Ada Lovelace",
    "first_name": "Ada", "firstname": "Ada", "last_name": "Lovelace", "lastname": "Lovelace",
    "surname": "Lovelace", "display_name": "Ada", "username": "$name", "user_name": "$name",
    "nickname": "$name", "login": "$name", "handle": "$name", "phone": "+491511234567",
    "phone_number": "+491511234567", "organisation": "Acme", "organization": "Acme",
    "company": "Acme",
}  # fmt: skip

# A field for the password once more.
_AGAIN = re.compile(r"(?i)(confirm(ation|ed)?|repeat(ed)?|retype|again)$")
_CONSENT = re.compile(r"(?i)(agree|accept|consent)(s|ed|ment)?(_|$)|(^|_)(terms|tos|gdpr)$")


@dataclass
class Step:
    """A route that does one of these things, and what it wants to be sent."""

    route: Route
    path: str
    payload: str
    encoding: str


class Steps:
    """Tells what is sent to the routes around a login."""

    def __init__(self, payloads: Payloads, login: Login) -> None:
        self.payloads = payloads
        self.login = login

    def of(self, name: str, route: Route) -> Step | None:
        """Return what a route of some name wants to be sent; None where it cannot be the one."""
        payload = self._payload(name, route)
        fields = payload.fields if payload else []
        has_password = any(map(_is_password, fields))
        path = self._path(name, route)
        if path is None or {"signup": not has_password, "reset_request": has_password,
                            "reset_confirm": not has_password}.get(name, False):  # fmt: skip
            return None
        if name == "reset_confirm" and not ("$token" in path or any(map(_TOKEN.search, fields))):
            return None
        if name == "reset_request" and "$" not in path and not fields:
            return None
        if name == "verify" and not ("$token" in path or any(map(_TOKEN.search, fields))):
            return None
        text = self._text(name, payload, route) if payload and fields else ""
        if payload and payload.encoding == "query" and text and "?" not in path:
            sent = json.loads(text).items()
            path += "?" + "&".join(f"{key}={_in_address(value)}" for key, value in sent)
            text = ""
        return Step(route, path, text, payload.encoding if payload else "json")

    def _payload(self, name: str, route: Route) -> Payload | None:
        if route.special == "fastapi_users":
            fields = {"signup": ["email", "password"], "reset_request": ["email"],
                      "reset_confirm": ["token", "password"], "verify": ["token"]}  # fmt: skip
            return Payload("json", fields[name]) if name in fields else None
        return self.payloads.of(route)

    def _path(self, name: str, route: Route) -> str | None:
        """Return the path with a place for the token or address; None where it needs more."""
        path = route.path
        for match in list(_PARAMETER.finditer(path)):
            parameter = match.group(1) or match.group(2)
            if _TOKEN.search(parameter):
                path = path.replace(match.group(), "$token")
            elif _MAIL.search(parameter) or parameter.lower() in LOGIN:
                path = path.replace(match.group(), "$login")
            else:
                return None
        if "POST" in route.methods:
            return path
        method = route.methods[0]
        if name not in ("logout", "verify", "refresh"):
            return None if method == "GET" else f"{method} {path}"
        if name == "verify" and "$token" not in path and route.handler is not None:
            asked = [arg.arg for arg, _ in parameters(route.handler) if _TOKEN.search(arg.arg)]
            path += f"?{asked[0]}=$token" if asked else ""
        return f"{method} {path}"

    def _text(self, name: str, payload: Payload, route: Route) -> str:
        """Return the payload as text with places for what a test sends."""
        sent: dict[str, str | bool] = {}
        for field in payload.fields:
            value = self._value(name, field, payload)
            if name == "logout" and value == "$token":
                value = _token_of_a_logout(field, route)
            if value:
                sent[field] = value == "true" or value
        return json.dumps({payload.nested_in: sent} if payload.nested_in else sent)

    def _value(self, name: str, field: str, payload: Payload) -> str:
        if _is_password(field) or _AGAIN.match(field):
            return "$password"
        if _MAIL.search(field):
            return "$email"
        if field in (self.login.payload.login_field, payload.login_field):
            # Beside an address it is a name, even where users log in with the address.
            beside = name == "signup" and any(map(_MAIL.search, payload.fields))
            return "$name" if beside else "$login"
        if name not in ("signup", "reset_request") and _TOKEN.search(field):
            named = any("refresh" in one.lower() for one in payload.fields)
            beside = name == "refresh" and named and "refresh" not in field.lower()
            return "$access" if beside else "$token"
        if name != "signup":
            return ""
        return "true" if _CONSENT.search(field) else _FURTHER.get(field.lower(), "")


def _in_address(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else quote_plus(str(value), safe="$")


def _token_of_a_logout(field: str, route: Route) -> str:
    """Say which of the two tokens a logout is sent: what it ends is the refresh token, if any."""
    told = field if re.search(r"(?i)access|refresh", field) else ""
    told = told or (ast.unparse(route.handler) if route.handler else "")
    return "$token" if "refresh" in told.lower() else "$access"


def _is_password(field: str) -> bool:
    return bool(PASSWORD.match(field) or re.search(r"(?i)passw", field))
