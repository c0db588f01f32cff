"""The route that clients send their credentials to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, keyword, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of
from ..web.payloads import Payloads
from ..web.routes import Route, Routes
from ..web.schemas import Payload

_LOGIN_PATH = re.compile(r"(?i)(^|[/_-])(log_?-?in|sign_?-?in|logon|authenticate)([/_-]|$)")
_TOKEN_PATH = re.compile(r"(?i)(^|[/_-])(access[_-]?)?(tokens?|jwt|auth|sessions?|authorize)/?$")
_LOGIN_NAME = re.compile(
    r"(?i)log_?in|sign_?in|authenticate|access_token|get_token|create_token|post$"
)
_NOT_LOGIN = re.compile(
    r"(?i)refresh|log_?-?out|sign_?-?out|regist|sign_?-?up|reset|forgot|recover|verif|confirm|test-?_?token"
    r"|2fa|mfa|otp|oauth2?/|google|github|facebook|callback|revoke|validate|admin|social|sso|ldap|saml|magic"
    r"|invite|change|renew|swap|webauthn|passkey|exchange|device|api[_-]?keys?|blacklist|activate|docs?\b|swagger"
)
_ADMIN_PATH = re.compile(r"(?i)admin|portal|internal|merchant|customer|staff|kiosk|backoffice")
_VERBS_OF_LOGIN = re.compile(
    r"^_?(verify|check|validate|compare|match)\w*(password|pass|pw|hash|credentials?)\w*$|authenticat\w*|^login_user$"
    r"|create_\w*token\w*|^(encode|generate|make|issue|sign)_\w*(token|jwt)\w*|checkpw|^login$|^session_login$"
)


@dataclass
class Login:
    """A route that a client proves itself at."""

    route: Route
    payload: Payload
    score: float


class Logins:
    """Finds the login route among all that look like one.

    Attributes:
        found: All of them, best first.
        login: The best as a fact: method, path, encoding, fields.
    """

    def __init__(
        self, source: Source, evaluator: Evaluator, routes: Routes, call_graph: CallGraph
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.routes = routes
        self.call_graph = call_graph
        self.payloads = Payloads(source, evaluator)
        self.token_urls = list(self._token_urls())
        self.logins = sorted(self._logins(), key=lambda login: -login.score)
        self.login = self._login()

    def _token_urls(self) -> Iterator[str]:
        for module in self.source.having(b"tokenUrl", b"token_url"):
            for call in module.calls if self.source.live(module) else ():
                node = keyword(call, "tokenUrl", "token_url")
                text = self.evaluator.text(module, node) if node is not None else None
                if text:
                    yield "/" + text.strip("/")

    def _logins(self) -> Iterator[Login]:
        for route in self.routes.routes:
            if "POST" not in route.methods and not (
                _LOGIN_PATH.search(route.path) and "GET" in route.methods
            ):
                continue
            score = self._path_score(route)
            # To read what a route wants takes long: only of those that look like it.
            if score < 2 or not self._looks_like_it(route):
                continue
            payload = self.payloads.of(route)
            score += self._payload_score(payload)
            if payload is None or not payload.password_field or score < 6:
                continue
            score += self._flow_score(route)
            if score >= 8:
                yield Login(route, payload, score)

    def _path_score(self, route: Route) -> float:
        last = re.sub(r"^.*?/(?=[^/]+/?[^/]*/?$)", "/", route.path)
        score = 0.0
        score += 8 if _LOGIN_PATH.search(last) else 0
        score += 5 if _TOKEN_PATH.search(route.path) else 0
        score -= 12 if _NOT_LOGIN.search(route.path) else 0
        score -= 3 if _ADMIN_PATH.search(route.path) else 0
        score -= 4 if route.has_parameters else 0
        if route.handler is not None:
            score += 3 if _LOGIN_NAME.search(route.handler.name) else 0
            score -= 8 if _NOT_LOGIN.search(route.handler.name) else 0
            holder = route.holder.name if route.holder is not None else ""
            score += 3 if _LOGIN_NAME.search(holder) else 0
            score -= 8 if _NOT_LOGIN.search(holder) else 0
        score += 4 if route.mounted else -8
        score += 2 if self.source.live(route.module) else -6
        score += 8 if any(url == route.path.rstrip("/") for url in self.token_urls) else 0
        score -= 8 * max(route.module.aside - 1, 0)
        if route.special == "fastapi_users":
            score += 6
        return score

    def _looks_like_it(self, route: Route) -> bool:
        name = route.handler.name if route.handler is not None else "login"
        holder = route.holder.name if route.holder is not None else ""
        return bool(
            _LOGIN_PATH.search(route.path)
            or _TOKEN_PATH.search(route.path)
            or _LOGIN_NAME.search(name)
            or _LOGIN_NAME.search(holder)
            or "/" + route.path.strip("/") in self.token_urls
        )

    def _payload_score(self, payload: Payload | None) -> float:
        if payload is None or not payload.password_field:
            return -4
        score = 6.0 if payload.login_field else 1.0
        extra = len(payload.fields) - 2
        return score - max(extra - 2, 0)

    def _flow_score(self, route: Route) -> float:
        if route.handler is None:
            return 4
        for module, function in self.call_graph.reachable_from(route.module, route.handler):
            for node in walk(function):
                if isinstance(node, ast.Call) and _VERBS_OF_LOGIN.search(terminal(node.func)):
                    return 4
                if (
                    module is route.module
                    and isinstance(node, ast.Attribute)
                    and node.attr == "check_password_hash"
                ):
                    return 4
        return 0

    def _login(self) -> Finding:
        candidates = [
            Candidate(login.route.path, login.route.where, login.score, login)
            for login in self.logins
        ]
        best = choose(candidates, sure=18, clear=2)
        if not best:
            return best
        chosen = data_of(best, candidates)
        self.logins.remove(chosen)
        self.logins.insert(0, chosen)
        if not chosen.route.certain:
            note = "What its path begins with could not be read."
            return Finding(describe(chosen), best.where, "low", best.others, note)
        return Finding(describe(chosen), best.where, best.confidence, best.others)

    @property
    def chosen(self) -> Login | None:
        """The login route that the style was read from."""
        return self.logins[0] if self.logins else None

    @property
    def steps(self) -> list[tuple[Module, FunctionNode]]:
        """What a request to it runs through, its handler first; nothing when it is a package's."""
        if self.chosen is None or self.chosen.route.handler is None:
            return []
        return self.call_graph.reachable_from(self.chosen.route.module, self.chosen.route.handler)


def describe(login: Login) -> dict[str, object]:
    """Return a login route as plain data."""
    payload = login.payload
    method = "POST" if "POST" in login.route.methods else login.route.methods[0]
    return {
        "method": method,
        "path": login.route.path,
        "encoding": payload.encoding,
        "fields": payload.fields,
        "login_field": payload.login_field,
        "password_field": payload.password_field,
        "nested_in": payload.nested_in,
        "csrf": payload.csrf,
    }
