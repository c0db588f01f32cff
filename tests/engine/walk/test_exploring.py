"""The routes of an application are gone through one after the other, whatever becomes of one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.walk import exploring
from test_harness.walk.exploring import Explored, confirm, explore
from test_harness.walk.operation import Operation
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe
from test_harness.walk.search import Found
from test_harness.walk.steps import Steps
from tests.engine.walk.scripts import Rows, drive

SILENT = SimpleNamespace(network=SimpleNamespace(blocked=[]))


def world(**_: bool) -> Steps[Any]:
    yield from ()
    return Rows()


def test_a_search_that_breaks_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(operation: Operation, *rest: Any) -> Steps[Found]:
        yield from ()
        if operation.path == "/broken":
            raise KeyError("odd")
        return Found(operation, Recipe("owner", status=200))

    monkeypatch.setattr(exploring, "build_world", world)
    monkeypatch.setattr(exploring, "find_request", search)
    monkeypatch.setattr(exploring, "runtime", lambda: SILENT)
    monkeypatch.setattr(exploring, "_in_order", list)
    noted: list[Explored] = []
    operations = [Operation("GET", path) for path in ("/a", "/broken", "/z")]

    drive(explore(operations, {}, noted.append), lambda *request: (200, ""))

    assert [one.found.reached for one in noted] == [True, False, True]
    why = noted[1].found.why
    assert why.startswith("A fault of the harness, and not of the application: KeyError: 'odd' (")


def test_what_another_world_answers_otherwise_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request that was granted by chance is not remembered, and what it is answered is told."""
    monkeypatch.setattr(exploring, "build_world", world)
    monkeypatch.setattr(exploring, "runtime", lambda: SILENT)
    operations = [Operation("GET", path) for path in ("/stays", "/goes", "/remembered")]
    recipes = {str(one): Recipe("anonymous", status=200) for one in operations}
    taken_back: list[Explored] = []

    def answer(request: Any, *rest: Any) -> tuple[int, str]:
        return (200, "") if request.path == "/stays" else (404, "gone")

    book = Book({str(one): one for one in operations}, recipes)
    names = ["GET /stays", "GET /goes"]
    drive(confirm(operations, book, names, taken_back.append), answer)

    [one] = taken_back
    assert str(one.found.operation) == "GET /goes"
    assert not one.found.reached
    assert one.found.visit is not None
    assert one.found.visit.status == 404
    assert not one.wrong
