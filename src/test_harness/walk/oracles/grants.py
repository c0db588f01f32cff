"""A row that is shared with somebody is theirs to see, as far as is said, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, delete, insert, inspect
from sqlalchemy.exc import SQLAlchemyError

from test_harness.factories.base import bound_session
from test_harness.factories.mapped import words
from test_harness.walk.finding import Finding
from test_harness.walk.memberships import Membership, pairs_of
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import now_plus
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Visit

FAMILY = "access"
_GRANTS = re.compile(r"\b(share|grant|access|permission|collaborat|viewer|acl|guest|invite)")
_NO_GRANTS = re.compile(r"\b(token|link|session|log|request|key|role)s?\b")
# What a boolean of one allows, and what else says how much.
_MAY = re.compile(
    r"^(can|may|is|allow)_?(edit|write|update|modify|change|manage|delete|admin|editor|share)"
)
_LEVEL = re.compile(r"(^|_)(role|permission|level|access|right)s?($|_)")
_LEAST = re.compile(r"(?i)^(view|read|viewer|reader|read_?only|guest|see)$")
_ENDS = re.compile(r"^(expir\w*|valid_until|valid_to|ends?)(_?(at|on))?$")


def applies(operation: Operation) -> bool:
    """Tell whether it may show or change a row that is shared: any may."""
    return True


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as a stranger, with whom ours is not shared, is shared to read, and was shared once."""
    ownership = scene.world.ownership
    principals = scene.world.principals
    if scene.recipe.principal != "owner" or ownership.users is None or "stranger" not in principals:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    for grant in () if anonymous.opens else _grants(scene):
        for steps in (_of_somebody_else, _to_read, _once):
            found: Finding | None = yield Aside(steps(scene, grant))
            if found is not None:
                return [found]
    return []


def _grants(scene: Scene) -> Iterator[Membership]:
    """Yield what a row of the route is shared by."""
    ownership, path = scene.world.ownership, scene.recipe.tables_in_path
    assert ownership.users is not None
    for one in pairs_of(ownership.links, ownership.users):
        name = words(f"{one.model.__name__ if one.model else ''} {one.table.name}")
        shared = inspect(one.tenant).local_table.fullname
        is_grant = _GRANTS.search(name) and not _NO_GRANTS.search(name)
        if not is_grant or one.tenant in ownership.tenants or shared not in scene.world.ours:
            continue
        if shared in path or shown_in(scene.granted, scene.world.ours[shared], scene.world.theirs):
            yield one


def _of_somebody_else(scene: Scene, grant: Membership) -> Steps[Finding | None]:
    """Find what a stranger may because ours is shared with somebody else."""
    shared = inspect(grant.tenant).local_table.fullname
    visit = yield from scene.asked_as("stranger")
    if not _reaches(scene, visit, shared):
        return None
    yield partial(_take_back, scene, grant)
    after = yield from scene.ask(principal="stranger")
    if _reaches(scene, after, shared):
        return None
    return scene.finding(
        "tenancy",
        f"{visit}, because the row of {shared} is shared with somebody else.",
        evidence=f"{after} once {grant.table.name} has no row of it",
        fix=f"Compare the user of {grant.table.name} with who asks.",
    )


def _to_read(scene: Scene, grant: Membership) -> Steps[Finding | None]:
    """Find what somebody changes who may only read."""
    shared = inspect(grant.tenant).local_table.fullname
    least = dict(_least(grant))
    before = yield from scene.asked_as("stranger")
    if not least or not scene.operation.writes or before.opens:
        return None
    if not (yield partial(_give, scene, grant, least)):
        return None
    visit = yield from scene.ask(principal="stranger")
    is_single = scene.operation.method != "POST" and scene.recipe.tables_in_path[-1:] == [shared]
    written = [it for it in visit.changes if it.table in {shared, grant.table.fullname}]
    is_changed = bool(written) and (is_single or written[0].table != shared)
    if not visit.opens or not (is_changed or _shares(scene, grant)):
        return None
    said = ", ".join(f"{name} = {value!r}" for name, value in least.items())
    return scene.finding(
        "tenancy",
        f"{visit}, with whom the row of {shared} is shared to be read only.",
        evidence="; ".join([f"{grant.table.name} says {said}", *map(str, written[:1])]),
        fix=f"Ask what {grant.table.name} says before something is written.",
    )


def _shares(scene: Scene, grant: Membership) -> bool:
    """Tell whether a route is the one by which a row is shared with others."""
    called = all_models().called(scene.operation.path.rstrip("/").rpartition("/")[2])
    return called is not None and called.kind is grant.model


def _once(scene: Scene, grant: Membership) -> Steps[Finding | None]:
    """Find what somebody is shown with whom a row was shared until yesterday."""
    shared = inspect(grant.tenant).local_table.fullname
    ends = next((it for it in grant.table.columns if _is_end(it)), None)
    before = yield from scene.asked_as("stranger")
    if ends is None or _reaches(scene, before, shared):
        return None
    day: Any = now_plus(-1) if isinstance(ends.type, DateTime) else now_plus(-1).date()
    if not (yield partial(_give, scene, grant, {ends.name: day})):
        return None
    visit = yield from scene.ask(principal="stranger")
    if not _reaches(scene, visit, shared):
        return None
    return scene.finding(
        "tenancy",
        f"{visit}, with whom the row of {shared} was shared until yesterday.",
        evidence=f"{grant.table.name}.{ends.name} = {day}",
        fix=f"Have the query leave out rows of {grant.table.name} whose {ends.name} is over.",
    )


def _reaches(scene: Scene, visit: Visit, shared: str) -> bool:
    """Tell whether an answer is one of our row: of a path that names it, or a list that has it."""
    if scene.recipe.tables_in_path:
        return visit.opens and (not visit.refuses)
    return visit.opens and bool(shown_in(visit, scene.world.ours[shared], scene.world.theirs))


def _is_end(column: Column[Any]) -> bool:
    return bool(_ENDS.search(column.name)) and isinstance(column.type, (Date, DateTime))


def _least(grant: Membership) -> Iterator[tuple[str, Any]]:
    """Yield what a row says that lets somebody read, and no more; nothing where none says it."""
    for column in grant.table.columns:
        if isinstance(column.type, Boolean) and _MAY.search(column.name):
            yield column.name, False
        elif isinstance(column.type, Enum) and _LEVEL.search(column.name):
            members = [*(column.type.enum_class or column.type.enums)]
            for one in members:
                if _LEAST.search(str(getattr(one, "value", one))):
                    yield column.name, one
                    break


def _ends(scene: Scene, grant: Membership, side: Mapping[str, Any]) -> tuple[Any, Any]:
    users = inspect(scene.world.ownership.users).local_table.fullname
    return side[users], scene.world.ours[inspect(grant.tenant).local_table.fullname]


def _column(grant: Membership, name: str) -> Column[Any]:
    """Return a column of the table by what the class, or the table, calls it."""
    own = inspect(grant.model).columns if grant.model is not None else grant.table.columns
    found: Column[Any] = own[name]
    return found


def _pairs(scene: Scene, grant: Membership) -> Iterator[tuple[Column[Any], Any, bool]]:
    """Yield the columns that say what is shared with whom, with a stranger and our row in them."""
    user, row = _ends(scene, grant, scene.world.theirs)
    ends = ((grant.user, scene.world.ownership.users, user), (grant.group, grant.tenant, row))
    for pairs, kind, values in ends:
        for name, key in pairs:
            value = values[inspect(kind).columns[key].name]
            yield _column(grant, name), value, values is row


def _take_back(scene: Scene, grant: Membership) -> None:
    taking = delete(grant.table)
    for column, value, is_row in _pairs(scene, grant):
        taking = taking.where(column == value) if is_row else taking.where(column != value)
    bound_session().execute(taking)


def _give(scene: Scene, grant: Membership, said: Mapping[str, Any]) -> bool:
    """Share ours with the stranger, and tell whether the database takes that."""
    like = scene.world.ours.get(grant.table.fullname, {})
    keys = {it.name for it in grant.table.primary_key.columns}
    unique = {it.name for it in grant.table.columns if it.unique}
    values = {name: one for name, one in like.items() if name not in keys | unique}
    values |= {it.name: value for it, value, _ in _pairs(scene, grant)}
    session = bound_session()
    try:
        with session.begin_nested():
            session.execute(insert(grant.table).values({**values, **said}))
    except (SQLAlchemyError, LookupError):
        return False
    return True
