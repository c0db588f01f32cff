"""A file that is sent is what it says it is, and lies where the application puts it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from test_harness.walk.files import written_files
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Visit

FAMILY = "input"
PAGE = b"<html><script>wk7</script></html>"
# Of these it can be told whether a content is one.
_KNOWN = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")


def applies(operation: Operation) -> bool:
    """Tell whether it may take a file."""
    return operation.writes


def look(scene: Scene) -> Steps[list[Finding]]:
    """Send a page that is called a picture, no content at all, and names that lead elsewhere."""
    files, recipe = scene.granted.request.files or {}, scene.recipe
    # What came before the request is not sent again.
    if not files or recipe.after or recipe.rows or recipe.scenario:
        return []
    field, (name, _, kind) = next(iter(files.items()))
    end = Path(name).suffix.lower()
    found: list[Finding] = []
    other = yield from _send(scene, field, ("wk7.txt", b"A text.\n", "text/plain"))
    page = yield from _send(scene, field, (name, PAGE, kind))
    empty = yield from _send(scene, field, (name, b"", kind))
    for visit, sent in ((page, f"a page called {name}"), (empty, f"{name} without content")):
        found += _broken(scene, visit, sent)
    if not found and end in _KNOWN and page.opens and other.refuses:
        found.append(
            scene.finding(
                "uploads",
                f"{page} when a page of HTML was sent as {name} of the type {kind}, although "
                "another kind of file is refused.",
                evidence=f"wk7.txt of the type text/plain answered {other.status}",
                fix="Look into the content: its first bytes say what it is, and the sender does "
                "not.",
            )
        )
    return found[:1] or (yield from _named(scene, field))


def _send(scene: Scene, field: str, file: tuple[str, bytes, str]) -> Steps[Visit]:
    request = scene.granted.request
    return (yield from scene.send(request.but(files={**(request.files or {}), field: file})))


def _broken(scene: Scene, visit: Visit, sent: str) -> Iterator[Finding]:
    if visit.breaks:
        yield scene.finding(
            "uploads",
            f"{visit} when {sent} was sent.",
            evidence=visit.error or visit.text[:160],
            fix="Refuse what is no file of the kind that is wanted.",
        )


def _named(scene: Scene, field: str) -> Steps[list[Finding]]:
    """Send a file by a name of its own, and by one that leads to the folder above."""
    name, content, kind = (scene.granted.request.files or {})[field]
    own = f"wk7-{secrets.token_hex(6)}{Path(name).suffix}"
    with written_files() as plainly:
        yield from _send(scene, field, (own, content, kind))
    folders = {os.path.dirname(os.path.abspath(path)) for path in _called(plainly, own)}  # noqa: PTH100, PTH120 - the path as it is, with no link followed
    if not folders:
        return []
    with written_files() as led:
        visit = yield from _send(scene, field, (f"../{own}", content, kind))
    elsewhere = [
        path
        for path in _called(led, own)
        if os.path.dirname(os.path.abspath(path)) not in folders  # noqa: PTH100, PTH120
    ]
    for path in {*_called(plainly, own), *_called(led, own)}:
        Path(path).unlink(missing_ok=True)
    if not elsewhere:
        return []
    return [
        scene.finding(
            "uploads",
            f"{visit} when the file was called ../{own}, and the file lies in another folder.",
            evidence=f"{elsewhere[0]} was written",
            fix="Give the file a name of your own, or take the last part of its name only.",
        )
    ]


def _called(paths: list[str], name: str) -> list[str]:
    return [path for path in paths if path.endswith(name)]
