"""A payload sets what it is documented to set, and no column beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Integer, Numeric, String, Table, inspect

from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation, Schema
from test_harness.walk.places import Place, get, put
from test_harness.walk.recipe import Symbol, plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.stored import key_of
from test_harness.walk.visit import Change, Visit

FAMILY = "input"
_RIGHTS = re.compile(
    r"(?i)(^|_)(role|roles|admin|superuser|staff|permission|scope|verified|active|approved|balance"
    r"|credit|quota|plan|tier|paid|refunded|published|price|total)s?($|_)"
)
MANY = 987654
# Each is a request.
MOST = 6
MOST_TABLES = 2
# What nobody gives themselves when they sign up, whatever a route is documented to take.
_POWERS = re.compile(r"(?i)(^|_)(admin|superuser|super_user|staff|root|sysadmin)(_|$)")


def applies(operation: Operation) -> bool:
    """Tell whether it takes a payload with names."""
    return operation.method in {"POST", "PUT", "PATCH"} and operation.encoding in {"json", "form"}


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send columns beside the payload, and see whether they are written."""
    name = "json" if isinstance(scene.recipe.json, Mapping) else "form"
    payload = getattr(scene.recipe, name)
    if not isinstance(payload, Mapping):
        return []
    stated = {*payload, *_stated(scene.operation.body)}
    # A request may write to tables that it does not speak of, such as a log.
    by_table = {it.table: it for it in scene.granted.changes if it.after}
    ways = [(it, _smuggled(scene, it, stated)) for it in by_table.values()]
    ways.sort(key=lambda it: -len(it[1]))
    for change, smuggled in [it for it in ways if it[1]][:MOST_TABLES]:
        found = yield from _sent(scene, name, change, smuggled)
        if found:
            return found[:1]
    return (yield from _within(scene, name, payload))


def _within(scene: Scene, name: str, payload: Mapping[str, Any]) -> Steps[list[Finding]]:
    """Send columns beside what is nested in a payload, each object of which is a row of its own."""
    for place in [*_objects(payload)][:MOST_TABLES]:
        held = get(payload, place)
        for change in [it for it in scene.granted.changes if it.after and it.before is None]:
            # Which row it became is known by what it says.
            after = {str(plain(one)) for one in (change.after or {}).values()}
            said = [one for one in held.values() if not isinstance(one, (Symbol, Mapping, list))]
            model = all_models().of_table(change.table)
            keys = {it for it in held if model is not None and model.column(it) is not None}
            if len(keys) != len(held) or not {str(one) for one in said} <= after:
                continue
            for column, value in [*_smuggled(scene, change, {*held}).items()][:MOST]:
                changed = put(payload, place, {**held, column: value})
                visit = yield from scene.ask(**{name: changed})
                if found := [*_findings(scene, visit, change, {column: value})]:
                    return found[:1]
    return []


def _objects(payload: Any, place: Place = ()) -> Iterator[Place]:
    """Yield where in a payload there are objects within it."""
    pairs: Any = payload.items() if isinstance(payload, Mapping) else ()
    for key, one in enumerate(payload) if isinstance(payload, list) else pairs:
        if isinstance(one, Mapping):
            yield (*place, key)
        yield from _objects(one, (*place, key))


def _sent(
    scene: Scene, name: str, change: Change, smuggled: dict[str, Any]
) -> Steps[list[Finding]]:
    payload = getattr(scene.recipe, name)
    visit = yield from scene.ask(**{name: {**payload, **smuggled}})
    found = [*_findings(scene, visit, change, smuggled)]
    if visit.refuses and len(smuggled) > 1:
        # One of them may be what is refused, as the key of another tenant is, and hide the others.
        for column, value in [*smuggled.items()][:MOST]:
            visit = yield from scene.ask(**{name: {**payload, column: value}})
            found += _findings(scene, visit, change, {column: value})
    return found


def _findings(
    scene: Scene, visit: Visit, before: Change, smuggled: Mapping[str, Any]
) -> Iterator[Finding]:
    for change in visit.changes:
        if change.table != before.table or change.after is None or not visit.opens:
            continue
        for column, value in smuggled.items():
            plainly = (before.after or {}).get(column)
            if _is_like(change.after.get(column), value) and not _is_like(plainly, value):
                is_power = _is_taken(scene, change, column)
                why = (
                    "nobody gives themselves" if is_power else "is none of the fields of the route"
                )
                yield scene.finding(
                    "mass assignment",
                    f"{visit}, and the payload set {change.table}.{column}, which {why}.",
                    evidence=f"{change.table}.{column}: {plainly!r} without it, {value!r} with it",
                    fix="Name the fields that are taken from the payload, or forbid others.",
                )


def _is_like(held: Any, value: Any) -> bool:
    """Tell whether a column holds what was sent, which a number with decimals says otherwise."""
    return bool(held == value if isinstance(held, Decimal) else plain(held) == value)


def _smuggled(scene: Scene, change: Change, stated: set[str]) -> dict[str, Any]:
    return {
        column: value
        for column, value in _candidates(scene, change)
        if (column not in stated and _camel(column) not in stated)
        or _is_taken(scene, change, column)
    }


def _is_taken(scene: Scene, change: Change, column: str) -> bool:
    """Tell whether who signs up, or changes their account, would be one who may everything."""
    users = scene.world.ownership.users
    if users is None or inspect(users).local_table.fullname != change.table:
        return False
    if scene.recipe.principal == "anonymous":
        return bool(_POWERS.search(column))
    asking = scene.world.principals[scene.recipe.principal].user
    is_own = asking is not None and key_of(inspect(users).local_table, asking) == tuple(change.key)
    is_usual = scene.recipe.principal == "owner" and change.before is not None
    return is_usual and is_own and (column == _role_column() or bool(_POWERS.search(column)))


def _role_column() -> str:
    """Return the column of users that says their role; empty where they have none."""
    auth = settings().auth
    place, _, attribute = auth.role_attribute.rpartition(".")
    return attribute if place in {"", auth.user_model} else ""


def _candidates(scene: Scene, change: Change) -> Iterator[tuple[str, Any]]:
    """Yield columns that say what somebody may, or whose the row is, with another value."""
    model = all_models().of_table(change.table)
    if model is None:
        return
    table = inspect(model.kind).local_table
    for column in table.columns if isinstance(table, Table) else ():
        seen = (change.after or {}).get(column.name)
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            row = scene.world.theirs.get(target.table.fullname, {})
            value = plain(row.get(target.name))
        elif _RIGHTS.search(column.name):
            value = _other(column, seen)
            if column.name == _role_column() and _is_taken(scene, change, column.name):
                value = settings().auth.admin_role
        else:
            continue
        if value is not None and value != plain(seen):
            yield column.name, value


def _other(column: Column[Any], seen: Any) -> Any:
    if isinstance(column.type, Boolean):
        return not seen
    if isinstance(column.type, Enum):
        members = list(column.type.enum_class or ())
        texts = [plain(one) for one in members] or [*column.type.enums]
        return next((one for one in texts if one != plain(seen)), None)
    if isinstance(column.type, (Integer, Numeric)):
        return MANY
    return "admin" if isinstance(column.type, String) else None


def _stated(body: Schema | None) -> Iterator[str]:
    schema = body or {}
    yield from schema.get("properties", {})
    for key in ("allOf", "anyOf", "oneOf"):
        for one in schema.get(key, ()):
            yield from _stated(one)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
