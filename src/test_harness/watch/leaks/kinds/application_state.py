"""What an application keeps for all requests: `app.state`, Flask's `app.config`, and its routes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from test_harness.application.loading import imported_application
from test_harness.settings import settings
from test_harness.watch.leaks.files import is_of_the_project
from test_harness.watch.leaks.kind import UNSET, Change, Kind
from test_harness.watch.leaks.points import Point, Points
from test_harness.watch.leaks.significance import is_leak_in
from test_harness.watch.leaks.test import Test

# What answers requests, or has a say in it: of Starlette, and of Flask.
PARTS = ("routes", "exception_handlers", "user_middleware", "view_functions")


class Watch(Kind):
    """Compares both, once there is an application."""

    what = "changes"
    fix = "Set it with the fixture `override`, or with monkeypatch, which puts it back."

    is_slow = True

    def __init__(self) -> None:
        self._points = Points(_roots, _is_own)
        self._is_loaded = False
        self._caches = settings().watch.caches.split()

    def before(self) -> None:
        self._is_loaded = imported_application() is not None
        self._points.collect()

    def after(self, state: None) -> Sequence[Change]:
        if not self._is_loaded and imported_application() is not None:
            self.before()
        found = self._points.changes()
        for change in found:
            name = change.name.split("[")[0].rpartition(".")[2]
            change.words = rf"\b{re.escape(name)}\b"
        return found

    def is_leak(self, change: Change, test: Test) -> bool:
        return is_leak_in(change, test, self._caches)

    def restore(self, state: Any, change: Change) -> bool:
        point: Point = change.about
        if not point.is_namespace or not isinstance(point.live, dict):
            return False
        name = change.name.removeprefix(f"{point.name}.")
        if change.before is UNSET:
            point.live.pop(name, None)
        else:
            point.live[name] = change.before
        return True


def _roots() -> Iterator[tuple[str, Any]]:
    found = imported_application()
    if found is None:
        return
    for name, app in _applications("app", found, 0):
        state = getattr(getattr(app, "state", None), "_state", None)
        if isinstance(state, dict):
            yield f"{name}.state", Point(f"{name}.state", app, state)
        config = getattr(app, "config", None)
        if isinstance(config, dict):
            yield f"{name}.config", Point(f"{name}.config", app, config)
        for part in PARTS:
            held = getattr(app, part, None)
            if isinstance(held, (list, dict)):
                yield f"{name}.{part}", Point(f"{name}.{part}", held, held)


def _applications(name: str, app: Any, depth: int) -> Iterator[tuple[str, Any]]:
    yield name, app
    if hasattr(app, "state") and depth < 2:
        for route in getattr(app, "routes", ()):
            inner = getattr(route, "app", None)
            if inner is not None and hasattr(inner, "routes"):
                path = getattr(route, "path", "")
                yield from _applications(f"{name}{path}", inner, depth + 1)


def _is_own(module: str) -> bool:
    return is_of_the_project(getattr(sys.modules.get(module), "__file__", None) or "")
