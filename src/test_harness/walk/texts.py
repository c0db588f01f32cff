"""Where an operation takes any text, for oracles that send one there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from test_harness.walk.operation import Schema
from test_harness.walk.recipe import Symbol
from test_harness.walk.scene import Scene

# Each is a request.
MOST = 8
# Of no row, and of nothing else that would be odd.
NOTHING = "wk7nothing"
# What keeps a value from being any text.
_NARROW = {"enum", "const", "format"}


def places_of(scene: Scene, text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return each place that takes a text, with what a recipe has for it; so many at most.

    Args:
        scene: The route, and what is sent to it otherwise.
        text: What is sent there.
    """
    return [*_places(scene, text)][:MOST]


def _places(scene: Scene, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    recipe, operation = scene.recipe, scene.operation
    for one in operation.parameters_in("query"):
        if _takes(one.schema, text):
            yield f"the parameter {one.name!r}", {"query": {**recipe.query, one.name: text}}
    for one in operation.parameters_in("path"):
        if _takes(one.schema, text):
            path = {**recipe.path, one.name: Symbol("text", text.replace("/", ""))}
            yield f"the part {one.name!r} of the path", {"path": path}
    for key in ("json", "form"):
        payload = getattr(recipe, key)
        schemas = (operation.body or {}).get("properties", {})
        for name, value in payload.items() if isinstance(payload, Mapping) else ():
            if isinstance(value, str) and _takes(schemas.get(name, {}), text):
                yield f"the field {name!r}", {key: {**payload, name: text}}


def _takes(schema: Schema, text: str) -> bool:
    return any(
        one.get("type", "string") == "string"
        and not _NARROW & one.keys()
        and one.get("maxLength", len(text)) >= len(text)
        and _allows(one.get("pattern", ""), text)
        for one in (schema, *schema.get("anyOf", ()))
    )


def _allows(pattern: str, text: str) -> bool:
    try:
        return bool(re.search(pattern, text))
    except re.error:  # Of another language.
        return False
