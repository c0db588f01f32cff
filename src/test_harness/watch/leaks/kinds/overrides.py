"""Dependencies of FastAPI that are overridden for all tests to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from test_harness.application import overrides
from test_harness.application.loading import imported_application
from test_harness.watch.leaks.kind import UNSET, Change, Kind, said


class Watch(Kind):
    """Compares those of each application, and asks what a fixture has put back already."""

    what = "overrides the dependency"
    fix = "Use the fixture `override`: override.dependency(original, replacement)."

    def __init__(self) -> None:
        self._apps: list[Any] | None = None

    def before(self) -> list[dict[Any, Any]]:
        if self._apps is None and (app := imported_application()) is not None:
            self._apps = [*overrides.with_overrides(app)]
        return [dict(it.dependency_overrides) for it in self._apps or ()]

    def after(self, state: list[dict[Any, Any]]) -> Sequence[Change]:
        if self._apps is None:
            app = imported_application()
            return self._first(app) if app is not None else ()
        if [it.dependency_overrides for it in self._apps] == state and not overrides.left:
            return ()
        found = [
            _change(key, old.get(key, UNSET), app.dependency_overrides.get(key, UNSET), app)
            for app, old in zip(self._apps, state, strict=True)
            for key in {**old, **app.dependency_overrides}
            if old.get(key, UNSET) is not app.dependency_overrides.get(key, UNSET)
        ]
        found += [_change(key, UNSET, value, None) for key, value in overrides.left]
        overrides.left.clear()
        return found

    def _first(self, first: Any) -> Sequence[Change]:
        # The test was the first to have the application, which overrides nothing by itself.
        apps = [*overrides.with_overrides(first)]
        return [
            _change(key, UNSET, value, app)
            for app in apps
            for key, value in app.dependency_overrides.items()
        ]

    def restore(self, state: Any, change: Change) -> bool:
        app, key = change.about
        if app is None:
            return True
        if change.before is UNSET:
            app.dependency_overrides.pop(key, None)
        else:
            app.dependency_overrides[key] = change.before
        return True


def _change(key: Any, before: Any, after: Any, app: Any) -> Change:
    return Change(said(key), before, after, "", r"\bdependency_overrides\b", (app, key))
