"""Hashes, secrets and tokens that open something are in no answer, and in no log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.settings import settings
from test_harness.walk.access import looks_open
from test_harness.walk.finding import Finding
from test_harness.walk.meaning import cookies_of
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.telling import SHORTEST
from test_harness.walk.visit import Visit

FAMILY = "input"
_PRIVATE = re.compile(
    r"(?i)pass(word|wd|phrase)|pwd|(^|_)hash(ed)?(_|$)|salt|secret|totp|mfa|private_?key"
    r"|(reset|verif\w*|confirm\w*|refresh|session|activation|unsubscribe)_?(token|code|key)"
)
# What its owner may be shown, and nobody else.
_OWN = re.compile(r"(?i)^(api|access|auth)_?(key|token)$")
# What is made for one person to show, and is in no log.
_SHOWN_ONCE = re.compile(r"(?i)token|secret|api_?key|otp$|^session(_?id)?$|pass(word|wd|phrase)")
_MISTYPED = "Wrong-Horse-9-Battery!"
# What is said about a secret, and is none.
_ABOUT_ONE = re.compile(
    r"(?i)_(name|title|type|kind|hint|at|on|count|id|version|algorithm|expir\w*)$"
)
_NO_SECRET = re.compile(r"(?i)token_?type|expir|_at$|_id$|change|method|hint|csrf")


def applies(operation: Operation) -> bool:
    """Tell whether it answers, or logs: all do."""
    return True


def look(scene: Scene) -> Steps[list[Finding]]:
    """Look for values of private columns in the answer to who may, and in what was logged."""
    is_token_given = scene.operation.writes and looks_open(str(scene.operation))
    found = [] if is_token_given else [*_answered(scene)]
    found = found or [*_logged(scene, scene.granted)]
    for changed in () if found else _refused(scene):
        found += _logged(scene, (yield from scene.ask(**changed)))
    return found[:1]


def _refused(scene: Scene) -> Iterator[dict[str, Any]]:
    """Yield requests with another password: who mistypes one has it in a log as well."""
    for key in ("json", "form"):
        payload = getattr(scene.recipe, key)
        names = [
            name
            for name, value in (payload.items() if isinstance(payload, Mapping) else ())
            if _is_shown_once(name) and _is_telling(value)
        ]
        if names:
            yield {key: {**payload, **dict.fromkeys(names, _MISTYPED)}}


def _answered(scene: Scene) -> Iterator[Finding]:
    asked = f"{scene.granted.request.path} {scene.granted.request.json!r}"
    for value, place in {**_private(scene), **_of_others(scene)}.items():
        if value in scene.granted.text and value not in asked:
            yield scene.finding(
                "private fields",
                f"{scene.granted}, and shows {place}.",
                evidence=f"{place} = {value[:12]}...",
                fix="Leave it out of what is serialized: name the fields that are shown.",
            )


def _logged(scene: Scene, visit: Visit) -> Iterator[Finding]:
    secrets = {**_private(scene), **_sent(scene, visit), **_given(visit)}
    for line in visit.logs:
        for value, place in secrets.items():
            if value in line.text:
                yield scene.finding(
                    "private fields",
                    f"{visit}, and {place} is written into a log.",
                    evidence=f"{line.text.strip()[:120]} ({line.where})".replace(value, "..."),
                    fix="Log who it was and what became of it, and nothing that opens something.",
                )


def is_kept_secret(column: str) -> bool:
    """Tell whether a column is called like what nobody is to be shown."""
    return bool(_PRIVATE.search(column)) and not _ABOUT_ONE.search(column)


def _private(scene: Scene) -> dict[str, str]:
    """Return the values of private columns, with the names of these."""
    named = {settings().auth.user_password_attribute}
    users = [one.user for one in scene.world.principals.values() if one.user]
    rows = [*scene.world.ours.items(), *scene.world.theirs.items()]
    table = _users_table(scene)
    return {
        str(value): f"{name}.{column}"
        for name, row in [*rows, *((table, user) for user in users)]
        for column, value in row.items()
        if (is_kept_secret(column) or column in named) and _is_telling(value)
    }


def _of_others(scene: Scene) -> dict[str, str]:
    """Return what users show instead of a password, of those who do not ask."""
    key = settings().auth.api_key_attribute.rpartition(".")[2]
    asking = scene.world.principals.get(scene.recipe.principal)
    return {
        str(value): f"{_users_table(scene)}.{column}"
        for one in scene.world.principals.values()
        if one.user and (asking is None or one.user != asking.user)
        for column, value in one.user.items()
        if (column == key or _OWN.search(column)) and _is_telling(value)
    }


def _users_table(scene: Scene) -> str:
    users = scene.world.ownership.users
    return str(getattr(users, "__tablename__", "users"))


def _sent(scene: Scene, visit: Visit) -> dict[str, str]:
    """Return what was sent that nobody else is to read."""
    request = visit.request
    sent = [request.json, request.form, request.query]
    principal = scene.world.principals.get(scene.recipe.principal)
    found = {value: f"{name!r} of the request" for one in sent for name, value in _fields(one)}
    if principal is not None:
        credential = principal.credential
        for name, value in [*credential.headers.items(), *credential.cookies.items()]:
            shown = str(value).rpartition(" ")[2]
            if _is_telling(shown):
                found[shown] = f"the credential in {name}"
    return found


def _given(visit: Visit) -> dict[str, str]:
    """Return what was answered, and written, for one person to show later."""
    found = {value: f"{name!r} of the answer" for name, value in _fields(visit.json)}
    for name, value in cookies_of(visit).items():
        if _is_telling(value) and not _NO_SECRET.search(name):
            found[value] = f"the cookie {name}"
    for change in visit.changes:
        for column, value in (change.after or {}).items():
            if _is_shown_once(column) and _is_telling(value):
                found[str(value)] = f"{change.table}.{column}"
    return found


def _fields(held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, list):
        for one in held:
            yield from _fields(one)
    for name, value in held.items() if isinstance(held, Mapping) else ():
        if _is_shown_once(name) and _is_telling(value):
            yield str(name), value
        yield from _fields(value)


def _is_shown_once(name: str) -> bool:
    return bool(_SHOWN_ONCE.search(name)) and not _NO_SECRET.search(name)


def _is_telling(value: Any) -> bool:
    return isinstance(value, str) and len(value) > SHORTEST
