"""Where an application has people invited: by whom, and how whoever was invited accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..code.source import Source
from ..findings import Finding
from ..web.routes import Route, Routes
from .protection import Protection
from .steps import Step, Steps

INVITED, ACCEPTED = '{"email": "$email"}', '{"token": "$token"}'
_SENDS = re.compile(r"(?i)(^|/)(send_?-?)?invit(e|ation)s?/?$")
_ACCEPTS = re.compile(r"(?i)invit.*(accept|redeem|join)|(accept|redeem|join).*invit")
_AGAIN = re.compile(r"(?i)invit.*re_?-?send")
_BACK = re.compile(r"(?i)invit.*(cancel|revoke)")
_KEY = re.compile(r"(?i)invit\w*/(\{\w+(?::\w+)?\}|<(?:\w+:)?\w+>)")


def invitations(
    source: Source, routes: Routes, steps: Steps, protection: Protection
) -> dict[str, Finding]:
    """Return what `[flows]` of the settings is to say of invitations, key by key.

    Nothing where one of the two routes is not found without which there is no invitation.
    """
    known = [
        one
        for one in routes.routes
        if "invit" in one.path.lower() and one.certain and one.mounted and source.live(one.module)
    ]
    sending = next(_sending(known, steps, protection), None)
    accepting = next(_accepting(known, steps), None)
    if sending is None or accepting is None:
        return {}
    found = {"invite": sending, "invite_accept": accepting}
    kept = {
        **{f"{name}_path": _finding(step.path, step.route) for name, step in found.items()},
        **{f"{name}_payload": _finding(it.payload, it.route) for name, it in found.items()},
    }
    about = {"invite_resend": _AGAIN, "invite_cancel": _BACK}
    for name, pattern in about.items():
        if path := next(filter(None, (_about(one, name, pattern) for one in known)), None):
            kept[f"{name}_path"] = path
    return {key: finding for key, finding in kept.items() if finding.value}


def _finding(value: str, route: Route) -> Finding:
    return Finding(value, route.where, "medium")


def _sending(known: list[Route], steps: Steps, protection: Protection) -> Iterator[Step]:
    for route in known:
        if "POST" in route.methods and _SENDS.search(route.path) and _asks(route, protection):
            step = steps.of("invite", route)
            if step is not None:
                # What is sent without a password is seldom read; the running application tells.
                yield step if "$email" in step.payload else replace(step, payload=INVITED)


def _asks(route: Route, protection: Protection) -> bool:
    """Tell whether who invites is somebody: by what is known, or by a decorator of their own."""
    own = route.handler.decorator_list if route.handler is not None else []
    return protection.is_guarded(route) or len(own) > 1


def _accepting(known: list[Route], steps: Steps) -> Iterator[Step]:
    for route in known:
        if "POST" in route.methods and _ACCEPTS.search(route.path):
            step = steps.of("invite_accept", route)
            if step is not None and "$token" in f"{step.path} {step.payload}":
                yield step
            elif step is not None and not step.payload:
                yield replace(step, payload=ACCEPTED)


def _about(route: Route, name: str, pattern: re.Pattern[str]) -> Finding | None:
    """Return the path about one invitation, whose key its parameter is; None where it is none."""
    if name == "invite_cancel" and "DELETE" in route.methods:
        pattern = _KEY
    key = _KEY.search(route.path)
    if key is None or not pattern.search(route.path):
        return None
    path = route.path.replace(key[1], "$invitation")
    if re.search(r"[{<]", path):
        return None
    method = "" if "POST" in route.methods else f"{route.methods[0]} "
    return _finding(f"{method}{path}", route)
