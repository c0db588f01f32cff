"""What an answer tells browsers: who may read it, and which scripts may read the session."""

from __future__ import annotations

import re
from typing import Any

from test_harness.application.clients import Credential
from test_harness.settings import settings
from test_harness.walk.finding import Finding
from test_harness.walk.meaning import cookies_of, set_cookies_of
from test_harness.walk.operation import Operation
from test_harness.walk.performing import perform
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Sending, Steps
from test_harness.walk.visit import Request, Visit

FAMILY = "access"
# Nobody allows these: one that nobody has, and the one of a page in a sandbox.
ORIGINS = ("https://wk7.example", "null")
_OF_FORMS = re.compile(r"(?i)csrf|xsrf")


def applies(operation: Operation) -> bool:
    """Tell whether a page of elsewhere may ask for it, or it may begin a session."""
    return operation.method in {"GET", "POST"}


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask from another origin, and show what a script could read of the cookies that are set."""
    if scene.operation.method == "GET" and scene.recipe.principal != "anonymous":
        return (yield from _read_from_elsewhere(scene))
    return (yield from _read_by_scripts(scene))


def _read_from_elsewhere(scene: Scene) -> Steps[list[Finding]]:
    for origin in ORIGINS:
        visit = yield from _ask_from(scene, origin)
        if _allows(visit, origin):
            if (yield from _is_so_everywhere(scene, origin)):
                return []
            return [
                scene.finding(
                    "headers",
                    f"{visit} from {origin}, which may read it with the cookies of who visits it.",
                    evidence="Access-Control-Allow-Origin: "
                    f"{visit.headers['access-control-allow-origin']} with "
                    "Access-Control-Allow-Credentials: true",
                    fix="Name the origins that may, or allow no credentials.",
                )
            ]
        if visit.headers.get("access-control-allow-credentials") != "true":
            return []
    return []


def _ask_from(scene: Scene, origin: str) -> Steps[Visit]:
    return (yield from scene.ask(headers={**scene.recipe.headers, "Origin": origin}))


def _allows(visit: Visit, origin: str) -> bool:
    allowed = visit.headers.get("access-control-allow-origin")
    return allowed == origin and visit.headers.get("access-control-allow-credentials") == "true"


def _is_so_everywhere(scene: Scene, origin: str) -> Steps[bool]:
    """Tell whether another route says the same, which is enough to say it once."""
    first = min(
        (
            name
            for name, one in scene.book.operations.items()
            if one.method == "GET" and _is_sent(scene, name)
        ),
        default=str(scene.operation),
        key=lambda name: (name != f"GET {settings().auth.protected_path}", name),
    )
    if first == str(scene.operation):
        return False
    recipe = scene.book.recipes[first]
    asked = recipe.but(headers={**recipe.headers, "Origin": origin})
    visit = yield from perform(scene.book.operations[first], asked, scene.world, scene.book)
    return _allows(visit, origin)


def _is_sent(scene: Scene, name: str) -> bool:
    recipe = scene.book.recipes.get(name)
    return recipe is not None and not recipe.skip and recipe.principal != "anonymous"


def _read_by_scripts(scene: Scene) -> Steps[list[Finding]]:
    bare = [
        name
        for name, one in set_cookies_of(scene.granted).items()
        if one.value and not one["httponly"] and not _OF_FORMS.search(name)
    ]
    path = settings().auth.protected_path
    if not bare or not path:
        return []
    opening = yield Aside(_opening(scene, bare, path))
    return [
        scene.finding(
            "headers",
            f"{scene.granted}, and the cookie {name}, which opens {path}, can be read by scripts.",
            evidence=f"Set-Cookie: {name}=... without HttpOnly",
            fix="Set it with HttpOnly: a script that gets into a page takes the session along.",
        )
        for name in opening[:1]
    ]


def _opening(scene: Scene, names: list[str], path: str) -> Steps[list[str]]:
    """Return those of some cookies that open the session, after they were given once more."""
    visit: Any = yield from perform(
        scene.operation, scene.recipe, scene.world, scene.book, undone=False
    )
    found = []
    nobody: Visit = yield Sending(Request("GET", path))
    for name in names:
        value = cookies_of(visit).get(name)
        if value is None or nobody.opens:
            continue
        shown: Visit = yield Sending(Request("GET", path), credential=Credential({}, {name: value}))
        if shown.opens:
            found.append(name)
    return found
