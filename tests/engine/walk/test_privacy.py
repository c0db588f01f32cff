"""A read that nobody has to log in for is only wrong where the reads beside it say so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from test_harness.walk import privacy
from test_harness.walk.models import Models
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.tenancy import shown_to
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


class Part(Base):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("holders.id"))


class Holder(Base):
    __tablename__ = "holders"
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"))


class Kind(Base):
    __tablename__ = "kinds"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


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


def world_of(*models: type[Base]) -> World:
    tables: dict[str, dict[str, Any]] = {
        "users": {"id": 1},
        "things": {"id": 1, "owner_id": 1, "name": "our lamp"},
    }
    return World(tables, tables, {}, ownership=ownership_of([User, *models], User))


def answered(steps: Any, status: int) -> tuple[Any, int]:
    """Return what steps return, and how many requests they took, each of which has a status."""
    count = 0
    try:
        step = next(steps)
        while True:
            count += 1
            step = steps.send(Visit("owner", step.request, status))
    except StopIteration as end:
        return end.value, count


def scene_in(world: World) -> Scene:
    operation = Operation("GET", PATHS[0])
    recipe = Recipe("owner", path={"thing_id": Symbol("row", "things.id")})
    world.principals["owner"] = Principal("owner")  # type: ignore[index]
    book = Book({str(operation): operation}, {str(operation): recipe})
    return Scene(operation, recipe, world, book, Visit("owner", Request("GET", "/things/1"), 200))


def test_whose_rows_are_is_asked_once_in_a_world_and_anew_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = Models([User, Thing])
    monkeypatch.setattr(privacy, "all_models", lambda: models)
    world = world_of(Thing)
    assert answered(privacy.is_private(scene_in(world), "things"), 404) == (True, 1)
    assert answered(privacy.is_private(scene_in(world), "things"), 200) == (True, 0)
    assert answered(privacy.is_private(scene_in(world_of(Thing)), "things"), 200) == (False, 1)


def test_of_tables_that_belong_to_each_other_it_is_not_told_by_which_is_asked_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = Models([User, Thing, Part, Holder])
    monkeypatch.setattr(privacy, "all_models", lambda: models)
    for first, second in (("parts", "holders"), ("holders", "parts")):
        scene = scene_in(world_of(Thing, Part, Holder))
        assert answered(privacy.is_private(scene, first), 404)[0] is None
        assert scene.world.private.keys() - {"things"} == {first}
        assert answered(privacy.is_private(scene, second), 404)[0] is None


class Letter(Base):
    __tablename__ = "letters"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]


@pytest.mark.parametrize(("text", "is_told"), [("our lamp", False), ("our letter", True)])
def test_what_a_row_for_all_says_as_well_tells_of_no_private_one(
    monkeypatch: pytest.MonkeyPatch, text: str, is_told: bool
) -> None:
    models = Models([User, Thing, Letter])
    monkeypatch.setattr(privacy, "all_models", lambda: models)
    ours = {
        "things": {"id": 1, "owner_id": 1, "name": "our lamp"},
        "letters": {"id": 1, "owner_id": 1, "name": text},
    }
    theirs = {"things": {"id": 2, "name": "another"}, "letters": {"id": 2, "name": "a second"}}
    world = World(ours, theirs, {}, ownership=ownership_of([User, Thing, Letter], User))
    world.private.update(things=False, letters=True, users=None)
    shown = Visit("stranger", Request("GET", "/things"), 200, text=f'[{{"name": "{text}"}}]')
    found, _ = answered(privacy.private_shown(scene_in(world), shown), 200)
    assert bool(found) is is_told


@pytest.mark.parametrize(("text", "is_told"), [("our lamp", False), ("our letter", True)])
def test_what_a_row_of_no_tenant_says_as_well_tells_of_no_tenant_either(
    text: str, is_told: bool
) -> None:
    ours = {"kinds": {"id": 1, "name": "our lamp"}, "letters": {"id": 1, "name": text}}
    theirs = {"kinds": {"id": 2, "name": "another"}, "letters": {"id": 2, "name": "a second"}}
    world = World(ours, theirs, {}, ownership=ownership_of([User, Letter, Kind], User))
    shown = Visit("stranger", Request("GET", "/kinds"), 200, text=f'[{{"name": "{text}"}}]')
    assert bool([*shown_to(scene_in(world), shown, ours, theirs)]) is is_told
