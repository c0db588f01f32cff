"""A name that the login takes in any case is given once, in whatever case it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.flows import login_symbol, named_login
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Change, Visit

FAMILY = "input"


@dataclass(frozen=True)
class _Naming:
    """A request that gives a user the name to log in by.

    Args:
        scene: The operation.
        table: That of the users.
        column: What they log in by.
        key: Whether the payload is `json` or a `form`.
        field: Of the payload, that has the name.
        login: The name of the operation that logs in.
    """

    scene: Scene
    table: str
    column: str
    key: str
    field: str
    login: str

    def named(self, name: str) -> Recipe:
        """Return the request with another name."""
        payload = getattr(self.scene.recipe, self.key)
        return self.scene.recipe.but(**{self.key: {**payload, self.field: name}})

    def given(self, visit: Visit) -> Change | None:
        """Return what became of the row of the user."""
        changes = [it for it in visit.changes if it.table == self.table and it.after]
        return next((it for it in changes if (it.after or {}).get(self.column)), None)

    def password(self) -> str:
        """Return the password that the request sets; empty for none."""
        payload = getattr(self.scene.recipe, self.key)
        return next((str(it) for name, it in payload.items() if _is_password(name)), "")

    def log_in(self, name: str, password: str = "") -> Steps[Visit]:
        """Log in by a name, as the owner if nothing is said of a password."""
        book = self.scene.book
        recipe = book.recipes[self.login]
        key = "json" if recipe.json is not None else "form"
        payload: dict[str, Any] = {}
        for field, value in getattr(recipe, key).items():
            is_name = isinstance(value, Symbol) and value.of == f"{self.table}.{self.column}"
            payload[field] = Symbol("text", name) if is_name else value
            if password and _is_password(field):
                payload[field] = password
        operation = book.operations[self.login]
        sent = recipe.but(**{key: payload})
        return (yield from perform(operation, sent, self.scene.world, book))


def applies(operation: Operation) -> bool:
    """Tell whether it takes a payload with names."""
    return operation.method in {"POST", "PUT", "PATCH"} and operation.encoding in {"json", "form"}


def look(scene: Scene) -> Steps[list[Finding]]:
    """Give the name of the owner once more, and one that is written in capitals."""
    naming = _naming(scene)
    if naming is None:
        return []
    found: list[Finding] = yield Aside(_taken_twice(naming))
    if not found:
        found = yield Aside(_shut_out(naming))
    return found


def _naming(scene: Scene) -> _Naming | None:
    symbol, login = login_symbol(), named_login(scene.book.operations)
    before = scene.book.recipes.get(login)
    if symbol is None or before is None or before.skip or login == str(scene.operation):
        return None
    table, _, column = symbol.of.rpartition(".")
    key = "json" if isinstance(scene.recipe.json, Mapping) else "form"
    payload, sent = getattr(scene.recipe, key), getattr(before, "json", None) or before.form
    if not isinstance(payload, Mapping) or not isinstance(sent, Mapping):
        return None
    if symbol not in sent.values():
        return None
    for change in scene.granted.changes:
        name = (change.after or {}).get(column) if change.table == table else None
        for field, value in payload.items():
            if isinstance(value, str) and name and value.lower() == str(name).lower():
                return _Naming(scene, table, column, key, field, login)
    return None


def _taken_twice(naming: _Naming) -> Steps[list[Finding]]:
    scene = naming.scene
    name = str(scene.world.ours[naming.table][naming.column])
    other = name.swapcase()
    plainly = yield from naming.log_in(name)
    logged_in = yield from naming.log_in(other)
    if not plainly.opens or not logged_in.opens or other == name:
        return []
    visit = yield from perform(scene.operation, naming.named(other), scene.world, scene.book)
    change = naming.given(visit)
    if not visit.opens or change is None or (change.after or {})[naming.column] == name:
        return []
    return [
        scene.finding(
            "unique case",
            f"{visit}, and gave a second user the name {other!r}, which the login takes for "
            f"{name!r}.",
            evidence=str(change),
            fix="Write such names in one case before they are compared and stored, and let an "
            "index see to it.",
        )
    ]


def _shut_out(naming: _Naming) -> Steps[list[Finding]]:
    scene, password = naming.scene, naming.password()
    written = str(getattr(scene.recipe, naming.key)[naming.field])
    typed = written[:1].upper() + written[1:]
    if not password or typed == written:
        return []
    visit = yield from perform(
        scene.operation, naming.named(typed), scene.world, scene.book, undone=False
    )
    change = naming.given(visit)
    stored = str((change.after or {})[naming.column]) if change is not None else ""
    if not visit.opens or stored in {"", typed}:
        return []
    as_stored = yield from naming.log_in(stored, password)
    as_typed = yield from naming.log_in(typed, password)
    if not as_stored.opens or as_typed.opens:
        return []
    return [
        scene.finding(
            "unique case",
            f"{visit} for {typed!r}, who cannot log in by that name afterwards.",
            evidence=f"{as_typed}, and as {stored!r} {as_stored.status}",
            fix="Have the login write the name in the same case as what stores it.",
        )
    ]


def _is_password(name: str) -> bool:
    return "pass" in name.lower() or "pwd" in name.lower()
