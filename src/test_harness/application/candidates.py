"""Routes that look like what `harness.toml` does not name, for what is said of checks left out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from test_harness.application.loading import application

# What the paths of such routes are called, and the methods that they have.
WRITES, READS = ("POST", "PUT", "PATCH", "DELETE"), ("GET",)
LOOKS = {
    "application.health_path": (READS, r"health|ready|alive|ping|status"),
    "auth.login_path": (WRITES, r"log-?_?in|sign-?_?in|/token|/sessions?$"),
    "auth.protected_path": (READS, r"/(?:users/)?(?:me|self|current)(?:/|$)|profile|account"),
    "flows.signup_path": (WRITES, r"sign-?_?up|register|registration|/users/?$"),
    "flows.verify_path": (WRITES + READS, r"verify|verification|confirm|activate"),
    "flows.refresh_path": (WRITES + READS, r"refresh|renew"),
    "flows.logout_path": (WRITES + READS, r"log-?_?out|sign-?_?out"),
    "flows.reset_request_path": (WRITES, r"forgot|reset|recover"),
    "flows.reset_confirm_path": (WRITES, r"reset|recover"),
}


def hint_for(place: str) -> str:
    """Return which route may be the one that a setting could name, as far as that can be said.

    Args:
        place: The setting, as `section.key`.
    """
    # What is only said of checks that are left out is no reason to import an application.
    if place not in LOOKS or not application.cache_info().currsize:
        return ""
    methods, words = LOOKS[place]
    for method, path in _routes(application(), ""):
        if method in methods and re.search(words, path, re.IGNORECASE):
            return f"{method} {path} looks like it"
    return "no route looks like it"


def _routes(app: Any, above: str) -> Iterator[tuple[str, str]]:
    rules = getattr(app, "url_map", None)
    if rules is not None:
        for rule in rules.iter_rules():
            yield from ((method, rule.rule) for method in sorted(rule.methods or ()))
        return
    routes = getattr(app, "routes", None) or ()
    # Newer FastAPI keeps the routes of its routers apart until it is asked for them.
    contexts = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", iter)
    for route in contexts(routes):
        path = above + (getattr(route, "path", "") or "")
        for method in sorted(getattr(route, "methods", None) or ()):
            yield str(getattr(method, "value", method)), path
        yield from _routes(route, path)
