"""Routes that look like what `harness.toml` does not name, for what is said of checks left out."""

from __future__ import annotations

import re

from test_harness.application.loading import application
from test_harness.application.routes import routes_of

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
    for route in routes_of(application()):
        if route.method in methods and re.search(words, route.path, re.IGNORECASE):
            return f"{route.method} {route.path} looks like it"
    return "no route looks like it"
