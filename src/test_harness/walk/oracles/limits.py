"""A limit counts who asks, and not what they say of themselves in a header.

Proxies append to `X-Forwarded-For`: what stands last there is theirs, and all before it anybody's.
"""

from __future__ import annotations

import re
from typing import Any

from test_harness.application import exchanges
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.recipe import Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Visit

FAMILY = "access"
# An application that lets more pass has no limit that a suite could see.
MOST = 12
# Addresses of nobody (RFC 5737): whose limit is used up is not the client of the tests.
_PEER, _PROXY = "203.0.113.77", "198.51.100.200"
_NOBODY = "nobody-wk7@example.com"
_LIMITED = re.compile(
    r"(?i)log_?-?in|sign_?-?(in|up)|regist|token|password|reset|forgot|otp|verif|contact"
)


def applies(operation: Operation) -> bool:
    """Tell whether it is one that is limited, where anything is."""
    return operation.method == "POST" and bool(_LIMITED.search(operation.path))


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask from one address until it is too often, and then say that it comes from another one."""
    if scene.recipe.principal != "anonymous" or scene.recipe.path or scene.recipe.after:
        return []
    visit: Visit | None = yield Aside(_as_another(scene))
    if visit is None or visit.status == 429:
        return []
    return [
        scene.finding(
            "limits",
            f"{visit} with another X-Forwarded-For, although it had been too often before (429).",
            evidence=f"X-Forwarded-For: {visit.request.headers['X-Forwarded-For']}",
            fix="Count by the address of the connection, or by the last of X-Forwarded-For where a "
            "proxy of yours appends it: the first is what the client says.",
        )
    ]


def _as_another(scene: Scene) -> Steps[Visit | None]:
    for _ in range(MOST):
        visit = yield from _asked(scene, 1)
        if visit.status == 429:
            return (yield from _asked(scene, 2))
    return None


def _asked(scene: Scene, number: int) -> Steps[Visit]:
    headers = {**scene.recipe.headers, "X-Forwarded-For": f"198.51.100.{number}, {_PROXY}"}
    held = {name: _of_nobody(getattr(scene.recipe, name)) for name in ("json", "form")}
    exchanges.come_from(_PEER)
    try:
        recipe = scene.recipe.but(headers=headers, **held)
        # Where the database counts, it has to remember.
        steps = perform(scene.operation, recipe, scene.world, scene.book, undone=False)
        return (yield from steps)
    finally:
        exchanges.come_from("")


def _of_nobody(payload: Any) -> Any:
    """Return a payload that names nobody: the limit of no user is used up."""
    if not isinstance(payload, dict):
        return payload
    return {
        name: _NOBODY if isinstance(one, Symbol) or "@" in str(one) else one
        for name, one in payload.items()
    }
