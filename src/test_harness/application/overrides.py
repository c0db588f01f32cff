"""Replacing what the application depends on, or how it is configured, for one test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from test_harness.application.loading import import_object
from test_harness.errors import ApplicationError


class Overrides:
    """What a test replaces; all of it is restored after the test, whatever it ended with.

    Args:
        app: The application.
        monkeypatch: Restores what is set.
    """

    def __init__(self, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = app
        self._monkeypatch = monkeypatch
        self.made: list[Callable[..., Any]] = []
        """What `dependency` has replaced."""

    def dependency(self, original: Callable[..., Any], replacement: Any) -> None:
        """Have FastAPI call `replacement` where a route depends on `original`.

        Mounted applications take part. A replacement that cannot be called is what is injected.

        Raises:
            ApplicationError: The framework does not offer this.
        """
        found = list(with_overrides(self._app))
        if not found:
            raise ApplicationError(
                f"{type(self._app).__name__} has no dependency overrides.",
                "Replace what the application calls: override.setting('app.mail:send', fake).",
            )
        called = replacement if callable(replacement) else lambda: replacement
        self.made.append(original)
        for app in found:
            app.dependency_overrides[original] = called

    def setting(self, path: str, value: Any) -> None:
        """Set what `path` names: `module:name.attribute`, or a variable of Flask's configuration.

        Raises:
            ApplicationError: There is nothing of that name.
        """
        module, separator, name = path.partition(":")
        if not separator:
            self._monkeypatch.setitem(self._app.config, path, value)
            return
        import_object(path)
        holder, _, attribute = name.rpartition(".")
        owner = import_object(f"{module}:{holder}") if holder else import_module(module)
        self._monkeypatch.setattr(owner, attribute, value)


# What tests left overridden by themselves, and `restored` has put back.
left: list[tuple[Any, Any]] = []


@contextmanager
def restored(app: Any, made: Collection[Any] = ()) -> Iterator[None]:
    """After the block every application overrides what it did before it.

    Args:
        app: The application.
        made: What may be overridden until then; whatever else is, is noted in `left`.
    """
    left.clear()
    before = [(found, dict(found.dependency_overrides)) for found in with_overrides(app)]
    try:
        yield
    finally:
        for found, overrides in before:
            now = found.dependency_overrides
            left.extend(it for it in now.items() if it[0] not in {*overrides, *made})
            found.dependency_overrides = overrides


def with_overrides(app: Any) -> Iterator[Any]:
    """Yield an application and those mounted in it, as far as they have dependency overrides."""
    if isinstance(getattr(app, "dependency_overrides", None), dict):
        yield app
        for route in app.routes:
            yield from with_overrides(getattr(route, "app", None))
