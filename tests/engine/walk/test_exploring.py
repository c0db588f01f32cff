"""The routes of an application are gone through one after the other, whatever becomes of one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.walk import exploring
from test_harness.walk.exploring import Explored, explore
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import Recipe
from test_harness.walk.search import Found
from test_harness.walk.steps import Steps
from tests.engine.walk.scripts import Rows, drive


def test_a_search_that_breaks_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def world() -> Steps[Any]:
        yield from ()
        return Rows()

    def search(operation: Operation, *rest: Any) -> Steps[Found]:
        yield from ()
        if operation.path == "/broken":
            raise KeyError("odd")
        return Found(operation, Recipe("owner", status=200))

    silent = SimpleNamespace(network=SimpleNamespace(blocked=[]))
    monkeypatch.setattr(exploring, "build_world", world)
    monkeypatch.setattr(exploring, "find_request", search)
    monkeypatch.setattr(exploring, "runtime", lambda: silent)
    monkeypatch.setattr(exploring, "_in_order", list)
    noted: list[Explored] = []
    operations = [Operation("GET", path) for path in ("/a", "/broken", "/z")]

    drive(explore(operations, {}, noted.append), lambda *request: (200, ""))

    assert [one.found.reached for one in noted] == [True, False, True]
    why = noted[1].found.why
    assert why.startswith("A fault of the harness, and not of the application: KeyError: 'odd' (")
