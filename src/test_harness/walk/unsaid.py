"""Which routes nobody has said anything of, told without reading what they take and answer."""

from __future__ import annotations

from typing import Any

from test_harness.application.routes import routes_of
from test_harness.project import suite_dir
from test_harness.settings.observed import read_toml
from test_harness.walk.schemas.marks import marks_of, twins_among


def routes_unsaid(app: Any) -> list[str]:
    """Return the routes that are in none of `requests.toml` and `access.toml`.

    Args:
        app: The application; what it adds at its start-up is there only after that.
    """
    requests = read_toml(suite_dir() / "requests.toml")
    if not requests:
        return []
    access = read_toml(suite_dir() / "access.toml") or {}
    said = {*requests, *(name for section in access.values() for name in section)}
    routes = [one for one in routes_of(app) if one.method != "WEBSOCKET"]
    twins = twins_among(routes)
    names = {
        f"{one.method} {one.path}": None
        for one in routes
        if one not in twins and not {"automatic", "framework"} & marks_of(one)
    }
    return [name for name in names if name not in said]
