"""What another tenant has changes nothing of what we are answered: no list, no total, no sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any

from sqlalchemy import inspect

from test_harness.factories.base import bound_session
from test_harness.walk.finding import Finding
from test_harness.walk.further import further
from test_harness.walk.links import Model
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.tenancy import shown_to
from test_harness.walk.privacy import is_private
from test_harness.walk.scene import Scene
from test_harness.walk.sides import factory_of
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.touched import read_tables
from test_harness.walk.visit import Visit

FAMILY = "access"
# More classes are too many rows to write for one question.
MOST = 12
_OTHERS = ("another user", "another tenant")


def applies(operation: Operation) -> bool:
    """Tell whether it may answer with several rows, or with how many there are."""
    return operation.method == "GET" and not operation.path.endswith("}")


def look(scene: Scene) -> Steps[list[Finding]]:
    """Make further rows of the other tenant, and ask again for ours."""
    ownership = scene.world.ownership
    if scene.recipe.principal != "owner" or ownership.users is None or not scene.granted.text:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    shown = any(shown_to(scene, scene.granted, scene.world.theirs, scene.world.ours))
    if anonymous.opens or shown or (yield from _is_of_all_tenants(scene)):
        return []  # Everybody may see that, or it is said already.
    models = yield from _of_one_side(scene)
    visit = yield Aside(_with_theirs(scene, models))
    if visit is None or not visit.opens or visit.text == scene.granted.text:
        return []
    again = yield from scene.ask()
    if again.text != scene.granted.text:
        return []  # It is another answer each time.
    shared = yield Aside(_with_shared(scene, visit))
    if shared.text != scene.granted.text:
        return []  # It tells of what all tenants share, and rows of another one have parents there.
    return [
        scene.finding(
            "tenancy",
            f"{visit}, and says something else once {_OTHERS[bool(ownership.tenants)]} has further "
            "rows.",
            evidence=_difference(scene.granted, visit),
            fix="Have the query ask for rows of who asks only.",
        )
    ]


def _is_of_all_tenants(scene: Scene) -> Steps[bool]:
    """Tell whether an answer names another tenant, which is no secret: such as a ranking."""
    theirs = scene.world.theirs
    for model in scene.world.ownership.tenants:
        table = inspect(model).local_table.fullname
        if table in theirs and shown_in(scene.granted, theirs[table], scene.world.ours):
            return not (yield from is_private(scene, table))
    return False


def _of_one_side(scene: Scene) -> Steps[list[Model]]:
    """Return the classes that the answer was read from and whose rows only one side sees."""
    ownership = scene.world.ownership
    if ownership.tenants:
        bound = [model for model in ownership.bound if model not in ownership.tenants]
        return _read_in(scene.granted, bound)
    private: dict[Model, bool | None] = {}
    for model in _read_in(scene.granted, ownership.owners):
        private[model] = yield from is_private(scene, inspect(model).local_table.fullname)
    return [model for model, is_one_sides in private.items() if is_one_sides]


def _read_in(visit: Visit, models: Iterable[Model]) -> list[Model]:
    """Return the classes that an answer was read from: rows of no other change what it says.

    Args:
        visit: The request, with its statements.
        models: Those in question.
    """
    tables = read_tables(visit.statements)
    return [model for model in models if not tables.isdisjoint(inspect(model).tables)]


def _with_theirs(scene: Scene, models: list[Model]) -> Steps[Visit | None]:
    world = scene.world
    swapped = replace(world, ours=world.theirs, theirs=world.ours)
    made: list[Any] = []
    for model in models[:MOST]:
        made += yield partial(further, swapped, model, 2, moments=False)
    return (yield from scene.ask()) if made else None


def _with_shared(scene: Scene, visit: Visit) -> Steps[Visit]:
    """Ask once there are further rows of what is no tenant's, and users who are in none.

    Args:
        scene: The operation.
        visit: The answer that was another one, with its statements.
    """
    world, ownership = scene.world, scene.world.ownership
    members = {one.model for one in ownership.memberships.values()}
    own = ownership.bound if ownership.tenants else ownership.owners
    apart = {*own, *ownership.tenants, *members, ownership.users}
    for model in _read_in(visit, [it for it in ownership.links if it not in apart])[:MOST]:
        yield partial(further, world, model, 1, moments=False)
    if ownership.users not in ownership.bound:
        yield partial(_somebody, ownership.users)
    return (yield from scene.ask())


def _somebody(users: Any) -> None:
    """Make a user, where the application makes one who is in no tenant."""
    session = bound_session()
    with suppress(Exception), session.begin_nested():
        factory_of(users).create()
        session.flush()


def _difference(before: Visit, after: Visit) -> str:
    for name, old, new in _unlike(before.json, after.json, "the answer"):
        return f"{name}: {old} -> {new}"
    for old, new in zip_longest(before.text.splitlines(), after.text.splitlines(), fillvalue=""):
        if old != new:
            return f"{old[:60]!r} -> {new[:60]!r}"
    return ""


def _unlike(old: Any, new: Any, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the first places in which two answers differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            yield from _unlike(old[key], new.get(key), str(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) != len(new):
        yield name, f"{len(old)} rows", f"{len(new)} rows"
    elif old != new:
        yield name, str(old)[:60], str(new)[:60]
