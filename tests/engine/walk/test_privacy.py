"""A read that nobody has to log in for is only wrong where the reads beside it say so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from test_harness.walk import privacy
from test_harness.walk.models import Models
from test_harness.walk.operation import Operation
from test_harness.walk.ownership import ownership_of
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.visit import Request, Visit
from test_harness.walk.world import Principal, World


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    token: Mapped[str]


PATHS = ("/things/{thing_id}", "/things", "/things/{thing_id}/parts")


def said_of(
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    by: str,
    statuses: dict[str, int],
    rows: Any = None,
) -> Any:
    """Return what is said of a path that is open, where others answer nobody with a status."""
    models = Models([User, Thing])
    monkeypatch.setattr(privacy, "all_models", lambda: models)
    recipes, operations = {}, {}
    for one in (path, *statuses):
        operation = Operation("GET", one)
        operations[str(operation)] = operation
        named = {"thing_id": Symbol("row", f"things.{by}")} if "{" in one else {}
        recipes[str(operation)] = Recipe("owner", path=named, rows=rows or {})
    world = World(
        {"things": {"id": 1, "owner_id": 1, "name": "our lamp", "token": "our token"}},
        {"things": {"id": 2, "owner_id": 2, "name": "their lamp", "token": "their token"}},
        {"anonymous": Principal("anonymous"), "owner": Principal("owner")},
        ownership=ownership_of([User, Thing], User),
    )
    opened = Visit("anonymous", Request("GET", "/"), 200, text='{"name": "our lamp"}')
    scene = Scene(operations[f"GET {path}"], recipes[f"GET {path}"], world, Book(), opened)
    scene.book.operations, scene.book.recipes = operations, recipes
    steps = privacy.open_beside(scene, opened)
    known = {one.replace("{thing_id}", "1"): status for one, status in statuses.items()}
    try:
        step: Any = next(steps)
        while True:
            asked = step.request
            step = steps.send(Visit("anonymous", asked, known[asked.path]))
    except StopIteration as end:
        return end.value


def test_one_beside_those_that_are_refused_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = dict.fromkeys(PATHS[1:], 401)
    said = said_of(monkeypatch, PATHS[0], "id", refused)
    assert said.startswith("shows the owner's row of things, although nobody may ask for GET /")


@pytest.mark.parametrize(
    ("by", "statuses"),
    [
        ("id", {"/things": 401}),
        ("id", {"/things": 200, "/things/{thing_id}/parts": 401}),
        ("token", dict.fromkeys(PATHS[1:], 401)),
    ],
)
def test_what_may_well_be_meant_is_not(
    monkeypatch: pytest.MonkeyPatch, by: str, statuses: dict[str, int]
) -> None:
    assert said_of(monkeypatch, PATHS[0], by, statuses) == ""


def test_a_row_that_is_in_a_state_of_its_own_for_it_is_meant_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = {"things": {"name": "published"}}
    refused = dict.fromkeys(PATHS[1:], 401)
    assert said_of(monkeypatch, PATHS[0], "id", refused, rows) == ""
