"""A session ends with what it rests on, where the application ends it elsewhere."""

from __future__ import annotations

import re

from sqlalchemy import inspect

from test_harness.application.clients import Credential
from test_harness.factories.base import bound_session
from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.flows import named_login
from test_harness.walk.meaning import cookies_of
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, LoggingIn, Sending, Steps
from test_harness.walk.stored import key_of
from test_harness.walk.visit import Request, Visit

FAMILY = "access"
# So many other routes are asked what they do.
MOST = 4
_CHANGES = re.compile(r"(?i)pass|pwd|reset|credential")


def applies(operation: Operation) -> bool:
    """Tell whether it may change a password."""
    return operation.writes and bool(_CHANGES.search(operation.path) or operation.method != "POST")


def look(scene: Scene) -> Steps[list[Finding]]:
    """Begin a second session, change the password, and see whether another route ends it."""
    path, column = settings().auth.protected_path, settings().auth.user_password_attribute
    if not path or not column or not _changes_it(scene, scene.granted):
        return []
    survives = yield Aside(_survives(scene, str(scene.operation)))
    if not survives:
        return []
    others = [
        name
        for name, one in scene.book.operations.items()
        if one.writes and _CHANGES.search(one.path) and name in scene.book.recipes
        if name != str(scene.operation) and not scene.book.recipes[name].skip
    ]
    for name in others[:MOST]:
        ends = yield Aside(_survives(scene, name))
        if ends is False:
            return [
                scene.finding(
                    "ends",
                    f"{scene.granted}, and a session that began before goes on, although {name} "
                    "ends it.",
                    evidence=f"GET {path} answers to it as before",
                    fix="End all other sessions of a user whose password changes: who knows the "
                    "old one may have begun them.",
                )
            ]
    return []


def _changes_it(scene: Scene, visit: Visit) -> bool:
    """Tell whether a request has changed the password of the owner."""
    users, column = scene.world.ownership.users, settings().auth.user_password_attribute
    owner = scene.world.principals.get("owner")
    if users is None or owner is None or owner.user is None:
        return False
    table = inspect(users).local_table
    key = key_of(table, owner.user)
    return any(
        it.table == table.fullname
        and tuple(it.key) == key
        and it.before is not None
        and it.after is not None
        and it.before.get(column) != it.after.get(column)
        for it in visit.changes
    )


def _survives(scene: Scene, name: str) -> Steps[bool | None]:
    """Tell whether a session goes on after a change; None where there is none, or no change."""
    request = Request("GET", settings().auth.protected_path)
    credential = yield from _session(scene)
    before: Visit = yield Sending(request, "owner", credential)
    nobody: Visit = yield Sending(request)
    operation, recipe = scene.book.operations[name], scene.book.recipes[name]
    visit = yield from perform(operation, recipe, scene.world, scene.book, undone=False)
    if not before.opens or nobody.opens or not _changes_it(scene, visit):
        return None
    after: Visit = yield Sending(request, "owner", credential)
    return after.opens


def _session(scene: Scene) -> Steps[Credential]:
    """Begin another session of the owner: by a login if it gives a cookie."""
    login = named_login(scene.book.operations)
    recipe = scene.book.recipes.get(login)
    if recipe is not None and not recipe.skip:
        operation = scene.book.operations[login]
        visit = yield from perform(operation, recipe, scene.world, scene.book, undone=False)
        if visit.status < 400 and (cookies := cookies_of(visit)):
            return Credential(cookies=cookies)
    users = scene.world.ownership.users
    owner = scene.world.principals["owner"].user or {}
    assert users is not None
    key = key_of(inspect(users).local_table, owner)
    user = yield lambda: bound_session().get(users, key)
    credential: Credential = yield LoggingIn(user)
    return credential
