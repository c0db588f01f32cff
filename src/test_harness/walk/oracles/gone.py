"""Who is marked as deleted is logged in no more, and cannot log in."""

from __future__ import annotations

import re

from sqlalchemy import inspect

from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.flows import named_login
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.deleted import as_deleted
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps

FAMILY = "access"
# One that says when it will be is of somebody who is there until then.
_DELETED = re.compile(r"(?i)^(is_)?(soft_?)?deleted(_?at|_?on)?$")


def applies(operation: Operation) -> bool:
    """Tell whether it is what says who asks, or may be the login."""
    path = settings().auth.protected_path
    return operation.method == "POST" or (bool(path) and operation.path == path)


def look(scene: Scene) -> Steps[list[Finding]]:
    """Mark our user as deleted, and ask once more."""
    users, name = scene.world.ownership.users, str(scene.operation)
    is_login = name == named_login(scene.book.operations)
    if users is None or not (is_login or scene.operation.method == "GET"):
        return []
    table = inspect(users).local_table
    column = next((one for one in table.columns if _DELETED.search(one.name)), None)
    if column is None or table.fullname not in scene.world.ours:
        return []
    anonymous = yield from scene.asked_as("anonymous")
    if anonymous.opens and not is_login:
        return []
    rows = {**scene.recipe.rows, table.fullname: {column.name: as_deleted(column)}}
    visit = yield from scene.ask(rows=rows)
    if not visit.opens:
        return []
    what = "was logged in" if is_login else "goes on"
    return [
        scene.finding(
            "ends",
            f"{visit}: a user {what} whose {column.name} says that it was deleted.",
            evidence=visit.text[:160],
            fix=f"Refuse users with {column.name}, wherever it is asked who asks.",
        )
    ]
