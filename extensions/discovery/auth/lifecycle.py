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
from ..web.statuses import Statuses
from .authentication import Authentication
from .protection import Protection
from .sockets import sockets
from .steps import Step, Steps
from .unauthorized import Unauthorized

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
# Packages that answer 422 to a body that is not as it should be.
_ANSWER_422 = (b"webargs", b"flask_smorest", b"apiflask", b"flask_openapi3", b"HTTP_422")
# Of these, those that answer 400 where it is no JSON at all.
_ANSWER_400 = (b"webargs", b"flask_smorest", b"apiflask")
# What is said to such a user, and what of the user is asked before.
_INACTIVE = (
    re.compile(r"(?i)inactive|disabled|\bactive"),
    re.compile(r"(?i)\.(is_?)?((in)?active|activated|enabled|disabled)\b"),
)
_UNVERIFIED = (
    re.compile(r"(?i)verif|confirm"),
    re.compile(r"(?i)\.(is_?)?(e?mail_?)?(verified|confirmed)(_at)?\b"),
)
# What fastapi-users answers where nothing in the code says so.
_FASTAPI_USERS = {
    "signup_again_status": 400,
    "weak_password_status": 400,
    "inactive_status": 400,
    "unverified_status": 400,
    "verify_refused_status": 400,
    "reset_refused_status": 400,
}
_REFUSALS = (400, 401, 403, 404, 409, 410, 422, 423)
_NEW_ACCESS = re.compile(r"(?i)(create|make|generate|issue|encode|new)_?(access|jwt)\w*\(")
_NEW_REFRESH = re.compile(
    r"(?i)(create|make|generate|issue|encode|new|set|rotate)_?refresh\w*\("
    r"|refresh_?token['\"]?\s*[:=]"
)
_WITH_TOKEN = ("verify_path", "reset_confirm_path")
_RESET = re.compile(rb"(?i)reset")
_SECONDS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}
_GOOD_FOR = re.compile(
    rb"RESET\w*_(SECONDS|MINUTES|HOURS|DAYS)\b[^=\n]*= *(\d+)\b"
    rb"|def \w*reset\w*\([^)]*\bexpires?_in\b[^=)]*= *(\d+)\b"
)
# What a condition asks of a refresh token that was traded already.
_USED = re.compile(r"(?i)\b\w*(used|revoked|rotated|consumed|replaced)\w*\b")


class Lifecycle:
    """Finds the routes around the login route.

    Attributes:
        found: What `[flows]` of the settings is to say, key by key.
    """

    def __init__(  # noqa: PLR0917 - what each subject is read from
        self, source: Source, routes: Routes, authentication: Authentication, call_graph: CallGraph,
        protection: Protection, statuses: Statuses, unauthorized: Unauthorized,
        framework: str,
    ) -> None:  # fmt: skip
        self.source = source
        self.routes = routes
        self.authentication = authentication
        self.call_graph = call_graph
        self.protection = protection
        self.statuses = statuses
        self.unauthorized = unauthorized
        routes.widen(
            b"signup", b"register", b"forgot", b"reset", b"logout", b"verify", b"websocket"
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
        self._around_the_login(chosen.route)
        if chosen.route.special == "fastapi_users":
            for name, status in _FASTAPI_USERS.items():
                self._put(name, status, chosen.route.where)
        if chosen.payload.encoding == "form" and (page := statuses.page(chosen.route)):
            self._put("malformed_status", page.value, page.where)
        elif misfits := statuses.of_misfits():
            self._put("malformed_status", misfits.value, misfits.where)
            self._put("unreadable_status", 400 if framework == "litestar" else 0, "")
        elif framework != "fastapi" and not source.having(*_ANSWER_422):
            self._put("malformed_status", 400, "")
        elif source.having(*_ANSWER_400):
            self._put("unreadable_status", 400, "")
        self._claims()
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
        self._put(f"{name}_status", self.statuses.success(step.route), best.where)
        refused = {"verify": "verify", "refresh": "refresh", "reset_confirm": "reset"}.get(name)
        refusals = self.statuses.refusals.of(step.route, _REFUSALS)
        if name == "refresh":
            if self._gives_no_refresh_token(step.route):
                self._put("refresh_reuse", "accepted", best.where)
            used = [one for one in refusals if one.tests and _USED.search(one.tests[-1])]
            refusals = [one for one in refusals if one not in used] or refusals
            if used and used[0].status != refusals[0].status:
                self._put("refresh_reused_status", used[0].status, used[0].where)
        page = self.statuses.page(step.route)
        if refused and refusals:
            self._put(f"{refused}_refused_status", refusals[0].status, refusals[0].where)
        elif refused and page:
            shown = self.statuses.sent_back(step.route, r"\bnot\b|is None") or page
            self._put(f"{refused}_refused_status", shown.value, shown.where)
        if name == "signup" and refusals:
            self._put("signup_again_status", refusals[0].status, refusals[0].where)
        elif name == "signup":
            again = page or self.found["signup_status"]
            self._put("signup_again_status", again.value, best.where)
        if name == "signup" and page:
            self._put("weak_password_status", page.value, page.where)

    def _gives_no_refresh_token(self, route: Route) -> bool:
        """Tell whether a new access token comes alone, so that the refresh token stays good."""
        steps = self.call_graph.reachable_from(route.module, route.handler) if route.handler else []
        text = "\n".join(ast.unparse(function) for _, function in steps)
        return bool(_NEW_ACCESS.search(text)) and not _NEW_REFRESH.search(text)

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

    def _around_the_login(self, route: Route) -> None:
        module = route.module
        for decorator in route.handler.decorator_list if route.handler else ():
            limit = re.search(r"limit\w*\(['\"](\d+)\s*(?:/|per)", ast.unparse(decorator))
            if limit:
                self._put("login_limit", int(limit.group(1)), module.where(decorator))
        at_login = self.statuses.refusals.of(route, _REFUSALS)
        later = self.unauthorized.refusals_of_users(_REFUSALS)
        for name, refusals, (said, asked) in (
            ("inactive", at_login, _INACTIVE),
            ("unverified", at_login, _UNVERIFIED),
            ("deactivated", later, _INACTIVE),
        ):
            # What is said tells more than what is asked, which may be several things at once.
            told = [refusal for refusal in refusals if said.search(refusal.text)]
            known = [refusal for refusal in refusals if asked.search("".join(refusal.tests[-1:]))]
            for refusal in (*told, *known)[:1]:
                self._put(f"{name}_status", refusal.status, refusal.where)
        refused = self.unauthorized.login_refused
        for name in ("inactive", "unverified") if self.statuses.page(route) else ():
            self.found.setdefault(f"{name}_status", refused)
        # A session that is over is none, and whoever has none is sent to the login.
        away = self.unauthorized.no_token
        if away.value == 302:
            self._put("ended_status", 302, away.where)
            self.found.setdefault("deactivated_status", self.found["ended_status"])

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
