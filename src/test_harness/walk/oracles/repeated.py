"""A key by which a request is known again is one of who sent it: nobody else is answered by it."""

from __future__ import annotations

import re
import secrets
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.performing import perform
from test_harness.walk.privacy import theirs_in
from test_harness.walk.recipe import Recipe
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Visit

FAMILY = "access"
_KEY = re.compile(r"(?i)idempoten|^(x-)?(client-?)?(request|dedup\w*)[-_]?(key|token)$")


def applies(operation: Operation) -> bool:
    """Tell whether it writes, and takes such a key."""
    return operation.writes and _key_of(operation) is not None


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send our request with a key, and as a stranger another one with the same."""
    key, world = _key_of(scene.operation), scene.world
    if key is None or scene.recipe.principal != "owner" or "stranger" not in world.principals:
        return []
    seen: tuple[Visit, Visit, Visit] = yield Aside(_both(scene, key))
    ours, theirs, fresh = seen
    # With a key of their own something is written for them, and it is another answer.
    is_known = fresh.opens and bool(fresh.changes) and fresh.text != ours.text
    if not (is_known and ours.opens and ours.text and theirs.text == ours.text) or theirs.changes:
        return []
    return [
        scene.finding(
            "tenancy",
            f"{theirs} with the {key.name} of the owner's request, and is answered what the owner "
            "was.",
            evidence=ours.text[:160],
            fix=f"Keep {key.name} together with who sent it, and look for both.",
        )
    ]


def _both(scene: Scene, key: Parameter) -> Steps[tuple[Visit, Visit, Visit]]:
    """Return the answers to us, to a stranger with the same key, and with one of their own."""
    known, another = secrets.token_hex(16), secrets.token_hex(16)
    recipe = scene.recipe
    theirs = recipe.asked_as("stranger").but(
        **{
            name: theirs_in(_plain(getattr(recipe, name)), scene)
            for name in ("path", "json", "form")
        }
    )
    ours = yield from _sent(scene, _with(recipe, key, known), undone=False)
    again = yield from _sent(scene, _with(theirs, key, known))
    fresh = yield from _sent(scene, _with(theirs, key, another))
    return ours, again, fresh


def _sent(scene: Scene, recipe: Recipe, *, undone: bool = True) -> Steps[Visit]:
    return (yield from perform(scene.operation, recipe, scene.world, scene.book, undone=undone))


def _with(recipe: Recipe, key: Parameter, value: str) -> Recipe:
    if key.place == "header":
        return recipe.but(headers={**recipe.headers, key.name: value})
    if key.place == "query":
        return recipe.but(query={**recipe.query, key.name: value})
    sent = "form" if recipe.form is not None else "json"
    return recipe.but(**{sent: {**(getattr(recipe, sent) or {}), key.name: value}})


def _plain(held: Any) -> Any:
    return dict(held) if held is not None and not isinstance(held, list) else held


def _key_of(operation: Operation) -> Parameter | None:
    """Return where a key is taken, a field of the payload as a parameter of the place `body`."""
    named = (one for one in operation.parameters if one.place in {"header", "query"})
    fields = (operation.body or {}).get("properties", {})
    every = [*named, *(Parameter(name, "body", schema) for name, schema in fields.items())]
    return next((one for one in every if _KEY.search(one.name)), None)
