"""Nobody is sent to another host because a parameter says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from test_harness.walk.finding import Finding
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Visit

FAMILY = "input"
_TARGET = re.compile(
    r"^(next|next_url|url|to|target|dest|destination|return|return_?to|return_?url|redirect"
    r"|redirect_?to|redirect_?url|continue|back|back_?url|forward|goto|callback|callback_?url)$"
)
HOST = "elsewhere.example"
# Browsers read all of them as another host.
_AWAY = (f"https://{HOST}/", f"//{HOST}/", f"/\\{HOST}/")
# Others who are trusted to name an address, which they have registered.
_REGISTERED = re.compile(r"(?i)oauth|authorize|sso|saml|openid|shorten|/r/|click|track")


def applies(operation: Operation) -> bool:
    """Tell whether it takes something that may be where to go on."""
    return not _REGISTERED.search(operation.path)


def look(scene: Scene) -> Steps[list[Finding]]:
    """Name another host in each parameter that says where to go on."""
    for name, key, held in _places(scene):
        for target in _AWAY:
            visit = yield from scene.ask(**{key: {**held, name: target}})
            if not _leads_away(visit):
                continue
            return [
                scene.finding(
                    "injection",
                    f"{visit} with {name}={target}, and sends who asks to another host.",
                    evidence=f"Location: {_location(visit)}",
                    fix="Go on to a path of the application only: one that begins with one slash, "
                    "and with no backslash behind it.",
                )
            ]
    return []


def _places(scene: Scene) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the names of targets, what of a recipe they are in, and what that holds."""
    recipe, operation = scene.recipe, scene.operation
    known = {one.name for one in operation.parameters_in("query")} | {*recipe.query}
    if 300 <= scene.granted.status < 400:
        known.add("next")  # Read by hand, as often as not.
    for name in sorted(known):
        if _TARGET.search(snake(name)):
            yield name, "query", recipe.query
    for key in ("json", "form"):
        payload = getattr(recipe, key)
        properties = (operation.body or {}).get("properties", {})
        for name in {**properties, **payload} if isinstance(payload, Mapping) else ():
            if _TARGET.search(snake(name)):
                yield name, key, payload


def _leads_away(visit: Visit) -> bool:
    if not 300 <= visit.status < 400:
        return False
    # As browsers read it: a backslash is a slash.
    return urlsplit(_location(visit).replace("\\", "/")).hostname == HOST


def _location(visit: Visit) -> str:
    return next((str(it) for name, it in visit.headers.items() if name.lower() == "location"), "")
