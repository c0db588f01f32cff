"""A role ends when it is taken away, and not with the token that was given before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, inspect, select

from test_harness.auth.roles import role_place
from test_harness.factories.base import bound_session
from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Row, Visit

FAMILY = "access"
_NO_ROLE = ("anonymous", "stranger", "removed", "inactive", "admin")


def applies(operation: Operation) -> bool:
    """Tell whether there are roles: a few of them may be asked of any operation."""
    return bool(settings().auth.role_attribute)


def look(scene: Scene) -> Steps[list[Finding]]:
    """Take the role of an administrator away, and ask once more with what it showed before."""
    admin = scene.world.principals.get("admin")
    if admin is None or admin.user is None or scene.recipe.principal == "anonymous":
        return []
    granted = yield from scene.asked_as("admin")
    if not granted.opens:
        return []
    lesser = yield from _refused(scene)
    if not lesser:
        return []
    visit: Visit | None = yield Aside(_as_lesser(scene, admin.user, lesser))
    if visit is None or not visit.opens:
        return []
    return [
        scene.finding(
            "ends",
            f"{visit}, although its role had been changed since it logged in to that of {lesser}, "
            "who is refused.",
            evidence="; ".join(map(str, visit.changes[:2])) or visit.text[:160],
            fix="Read the role from the database for each request, not from the token.",
        )
    ]


def _refused(scene: Scene) -> Steps[str]:
    """Return somebody with a lesser role who is refused, the weakest first; empty without one."""
    known = [it for it in scene.world.principals if it not in _NO_ROLE]
    for who in ("member", *reversed(known)):
        if who in known and (yield from scene.asked_as(who)).status in {403, 404}:
            return who
    return ""


def _as_lesser(scene: Scene, user: Row, lesser: str) -> Steps[Visit | None]:
    changed = yield lambda: _give(scene, user, lesser)
    return (yield from scene.ask(principal="admin")) if changed else None


def _give(scene: Scene, user: Row, lesser: str) -> bool:
    """Give a user the role of another one, and tell whether that was something else."""
    place, users = role_place(), scene.world.ownership.users
    like = scene.world.principals[lesser].user
    if users is None or like is None or place.shared is not None:
        return False
    mapper: Any = inspect(place.holder)
    column, table = mapper.columns[place.attribute], mapper.local_table
    links = scene.world.ownership.links.get(place.holder, [])
    link = next((it for it in links if it.target is users), None)
    if place.holder is users:
        pairs = [(key, key.name) for key in table.primary_key.columns]
    elif link is not None:
        of_user = [inspect(users).columns[name].name for name in link.referred]
        pairs = [*zip([mapper.columns[name] for name in link.keys], of_user, strict=True)]
    else:
        return False
    session = bound_session()
    of_both = [and_(*(key == row[name] for key, name in pairs)) for row in (user, like)]
    own, other = (session.scalar(select(column).where(one)) for one in of_both)
    if other is None or own == other:
        return False
    session.execute(table.update().where(of_both[0]).values({column: other}))
    return True
