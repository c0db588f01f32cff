"""Doubles of objects of the application: a connection manager, a converter, any service."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import create_autospec

import pytest

from test_harness.application.loading import import_object

DoubleOf = Callable[[str], Any]


@pytest.fixture
def double_of(monkeypatch: pytest.MonkeyPatch) -> DoubleOf:
    """Return what puts a double in the place of an object: `double_of("app.sockets:manager")`.

    The double has the methods of the object, with their arguments and whether they are awaited,
    and remembers its calls: `manager.broadcast.assert_awaited_once_with("hello")`. It is put
    wherever a module has imported the object by name, and the object comes back after the test.
    """

    def double(path: str) -> Any:
        original = import_object(path)
        made = create_autospec(original, instance=False, spec_set=True)
        module, _, name = path.partition(":")
        holder, _, attribute = name.rpartition(".")
        if holder:
            monkeypatch.setattr(import_object(f"{module}:{holder}"), attribute, made)
        for other in list(sys.modules.values()):
            for key, value in list(getattr(other, "__dict__", {}).items()):
                if value is original and not getattr(other, "__name__", "").startswith(
                    "test_harness"
                ):
                    monkeypatch.setattr(other, key, made)
        return made

    return double
