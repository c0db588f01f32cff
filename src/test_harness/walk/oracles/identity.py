"""Who asks who it is sees itself, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import inspect

from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Row, Visit

FAMILY = "access"
# What an answer may have around the user.
_IDS = ("X-User-Id", "X-Account-Id")
_NAMES = ("X-User", "X-Forwarded-User", "X-Remote-User", "Remote-User")
_AROUND = ("data", "user", "me", "account", "profile", "result")


def applies(operation: Operation) -> bool:
    """Tell whether it is read, of nothing in particular."""
    return operation.method == "GET" and not operation.parameters_in("path")


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as each user: an answer that shows the owner to the owner shows all others themselves."""
    principals = scene.world.principals
    owner = principals.get("owner")
    if owner is None or owner.user is None or scene.recipe.principal != "owner":
        return []
    if not _names(scene.granted, owner.user, {}):
        return []
    if said := (yield from _by_header(scene, owner.user)):
        return said
    is_of_user = _is_of_user(scene.granted, owner.user)
    for who, principal in principals.items():
        if principal.user is None or principal.user == owner.user:
            continue
        # What a tenant has may name the owner to all of its members.
        if who != "stranger" and not is_of_user:
            continue
        visit = yield from scene.asked_as(who)
        if not visit.opens or _names(visit, principal.user, {"": owner.user}):
            continue
        if shown := _names(visit, owner.user, {"": principal.user}):
            return [
                scene.finding(
                    "identity",
                    f"{visit}, and shows the owner instead of who asked.",
                    evidence=f"{shown[0]} = {shown[1]!r}",
                    fix="Keep who asks in nothing that outlives the request, such as a cache or "
                    "a variable of a module.",
                )
            ]
    return []


def _by_header(scene: Scene, owner: Row) -> Steps[list[Finding]]:
    """Say in headers that we are a stranger, as what stands in front of an application may."""
    stranger = scene.world.principals.get("stranger")
    users = scene.world.ownership.users
    if stranger is None or stranger.user is None or users is None:
        return []
    key = stranger.user.get(inspect(users).primary_key[0].name)
    name = stranger.user.get(settings().auth.user_login_attribute)
    said = {it: str(key) for it in _IDS if key is not None}
    said |= {it: str(name) for it in _NAMES if name is not None}
    visit = yield from scene.ask(headers={**scene.recipe.headers, **said})
    shown = _names(visit, stranger.user, {"": owner}) if visit.opens else None
    if shown is None:
        return []
    return [
        scene.finding(
            "identity",
            f"{visit} with {', '.join(said)}, and shows a stranger instead of who asked.",
            evidence=f"{shown[0]} = {shown[1]!r}",
            fix="Take who asks from the credential only: anybody may send a header.",
        )
    ]


def _is_of_user(visit: Visit, user: Row) -> bool:
    """Tell whether an answer is about who asks, and not about what a user has."""
    held = visit.json
    inner = [held.get(it) for it in _AROUND] if isinstance(held, Mapping) else []
    name = settings().auth.user_login_attribute
    return any(
        isinstance(one, Mapping) and user.get(name) in {one.get(it) for it in (name, snake(name))}
        for one in [held, *inner]
    )


def _names(visit: Visit, user: Row, others: dict[str, Row]) -> tuple[str, str] | None:
    """Return what of a user an answer shows that tells who it is."""
    name = settings().auth.user_login_attribute
    row = {name: user[name]} if name in user else user
    return shown_in(visit, row, others)
