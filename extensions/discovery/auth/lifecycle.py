"""What happens around a login: signing up, staying logged in, logging out, forgotten passwords."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from ..code.call_graph import CallGraph
from ..code.nodes import keyword, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Finding, choose
from ..web.routes import Route, Routes
from .authentication import Authentication
from .invitations import invitations
from .protection import Protection
from .sockets import sockets
from .steps import Step, Steps

WANTED = {
    "signup": r"(?i)sign_?-?up|regist(er|ration)|create_?-?account|/join$",
    "verify": r"(?i)verif|confirm|activat",
    "refresh": r"(?i)refresh",
    "logout": r"(?i)log_?-?out|sign_?-?out",
    "reset_request": r"(?i)forg[oe]t|recover|lost|request_?-?(password_?-?)?reset"
    r"|reset_?-?(password)?[/_-]?(request|mail|email|link|token)"
    r"|password[/_-]reset/?$|reset[/_-]password/?$",
    "reset_confirm": r"(?i)reset|recover|(set|new|change)[_-]?password"
    r"|password[/_-](new|set|confirm)",
}
# Who does these is nobody yet to the application.
_BEFORE_A_LOGIN = ("signup", "verify", "reset_request", "reset_confirm")
_WITH_TOKEN = ("verify_path", "reset_confirm_path")
_RESET = re.compile(rb"(?i)reset")
_SECONDS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}
_GOOD_FOR = re.compile(
    rb"RESET\w*_(SECONDS|MINUTES|HOURS|DAYS)\b[^=\n]*= *(\d+)\b"
    rb"|def \w*reset\w*\([^)]*\bexpires?_in\b[^=)]*= *(\d+)\b"
)


class Lifecycle:
    """Finds the routes around the login route.

    Attributes:
        found: What `[flows]` of the settings is to say, key by key.
    """

    def __init__(
        self, source: Source, routes: Routes, authentication: Authentication, call_graph: CallGraph,
        protection: Protection,
    ) -> None:  # fmt: skip
        self.source = source
        self.routes = routes
        self.authentication = authentication
        self.call_graph = call_graph
        self.protection = protection
        routes.widen(
            b"signup",
            b"register",
            b"forgot",
            b"reset",
            b"logout",
            b"verify",
            b"websocket",
            b"invit",
        )
        self.found: dict[str, Finding] = {}
        self._encodings: list[str] = []
        chosen = authentication.chosen
        if chosen is None:
            return
        self.steps = Steps(authentication.payloads, chosen)
        for name, pattern in WANTED.items():
            self._look_for(name, pattern)
        self._put("encoding", "form" if set(self._encodings) == {"form"} else "", "")
        self._mails()
        self._limit(chosen.route)
        self._claims()
        self.found.update(invitations(source, routes, self.steps, protection))
        self.found.update(sockets(source, routes, call_graph))

    def _put(self, name: str, value: Any, where: str) -> None:
        if value:
            self.found[name] = Finding(value, where, "medium")

    def _look_for(self, name: str, pattern: str) -> None:
        candidates = list(self._candidates(name, re.compile(pattern)))
        best = choose(candidates, sure=8, clear=1)
        if not best:
            return
        step: Step = next(c.data for c in candidates if c.where == best.where)
        self.found[f"{name}_path"] = Finding(best.value, best.where, best.confidence, best.others)
        self._put(f"{name}_payload", step.payload, best.where)
        if step.payload:
            self._encodings.append(step.encoding)

    def _candidates(self, name: str, pattern: re.Pattern[str]) -> Iterator[Candidate]:
        login = self.authentication.chosen
        assert login is not None
        beside = login.route.path.rpartition("/")[0]
        for route in self.routes.routes:
            if not pattern.search(route.path) or not route.certain or not route.mounted:
                continue
            if route.path == login.route.path or "WEBSOCKET" in route.methods:
                continue
            if name in _BEFORE_A_LOGIN and self.protection.is_guarded(route):
                continue
            if name == "refresh" and (
                route.has_parameters or self.authentication.style.value == "session_cookie"
            ):
                continue
            if name == "refresh" and self._renews_by_access(route):
                continue
            if name == "verify" and re.search(r"(?i)refresh|resend", route.path):
                continue
            step = self.steps.of(name, route)
            if step is None:
                continue
            score = 6.0 + (2 if self.source.live(route.module) else -4)
            score += 3 if "POST" in route.methods else 0
            score += 3 if beside and route.path.startswith(beside) else 0
            score -= (
                3 if re.search(r"(?i)admin|resend|oauth|webhook|invit|device", route.path) else 0
            )
            score -= 0.2 * len(route.path.split("/"))
            yield Candidate(step.path, route.where, score, step)

    def _renews_by_access(self, route: Route) -> bool:
        """Whether who is logged in gets a new access token there, without any other token."""
        if route.handler is None or not self.protection.is_guarded(route):
            return False
        asked = [
            part
            for _, function in self.call_graph.reachable_from(route.module, route.handler)
            for part in (function.args, *function.body)
            if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        ]
        asked += [
            one
            for call in route.handler.decorator_list
            if isinstance(call, ast.Call)
            for one in call.keywords
        ]
        return not any(_speaks_of_refresh(node) for part in asked for node in walk(part))

    def _limit(self, route: Route) -> None:
        module = route.module
        for decorator in route.handler.decorator_list if route.handler else ():
            limit = re.search(r"limit\w*\(['\"](\d+)\s*(?:/|per)", ast.unparse(decorator))
            if limit:
                self._put("login_limit", int(limit.group(1)), module.where(decorator))

    def _mails(self) -> None:
        """Read how a link in a mail shows its token, and for how long it is good."""
        confirm = self.found.get("reset_confirm_path")
        paths = [self.found[name].value for name in _WITH_TOKEN if name in self.found]
        words = [path.partition("/$token")[0].rpartition("/")[2] for path in paths if "/$t" in path]
        if words:
            named = "|".join(["token", "code", "key", *map(re.escape, dict.fromkeys(words))])
            self._put("mail_token_pattern", rf"(?:{named})[=/]([\w.~%+=-]+)", "")
        for module in self.source.containing(_RESET, most_aside=0) if confirm else ():
            match = _GOOD_FOR.search(module.data) if self.source.live(module) else None
            if match:
                unit = (match[1] or b"SECONDS").decode()
                minutes = int(match[2] or match[3]) * _SECONDS[unit] // 60
                self._put("reset_minutes", minutes, module.at(match.start()))
                return

    def _claims(self) -> None:
        for module in self.source.having(b'"require"', b"'require'"):
            for call in module.calls if self.source.live(module) else ():
                options = keyword(call, "options")
                if terminal(call.func) != "decode" or not isinstance(options, ast.Dict):
                    continue
                for key, value in zip(options.keys, options.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "require":
                        names = [n.value for n in ast.walk(value) if isinstance(n, ast.Constant)]
                        claims = " ".join(map(str, names))
                        self._put("required_claims", claims, module.where(call))


def _speaks_of_refresh(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=text) | ast.arg(arg=text) | ast.keyword(arg=str(text)):
            return "refresh" in text.lower()
        case ast.Constant(value=str(text)):
            return "refresh" in text.lower()
        case ast.Attribute(attr=text):
            # That of a session reads a row again.
            return "refresh" in text.lower() and text != "refresh"
    return False
