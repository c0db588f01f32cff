"""Schemas with their references replaced by what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from test_harness.walk.operation import Schema


class References:
    """The references of one document.

    Args:
        document: What they are looked up in, such as one of OpenAPI.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        # What refers to nothing that refers back is the same wherever it is referred to.
        self._whole: dict[str, Schema] = {}

    def resolve(self, schema: Any) -> Schema:
        """Return a schema in which no reference is left.

        Where a schema refers back to itself, only its type is left: nobody can send it without an
        end. What is referred to twice is one object in the result, so it stays small.
        """
        found = self._resolved(schema, (), {})[0]
        return found if isinstance(found, dict) else {}

    def _resolved(
        self, value: Any, above: tuple[str, ...], cut: dict[str, Schema]
    ) -> tuple[Any, bool]:
        """Return a value without references, and whether nothing was cut in it."""
        if isinstance(value, list):
            parts = [self._resolved(one, above, cut) for one in value]
            return [part for part, _ in parts], all(whole for _, whole in parts)
        if not isinstance(value, Mapping):
            return value, True
        reference = value.get("$ref")
        if isinstance(reference, str):
            found, whole = self._referred(reference, above, cut)
            beside = {name: one for name, one in value.items() if name != "$ref"}
            return ({**found, **beside} if beside else found), whole
        named = {name: self._resolved(one, above, cut) for name, one in value.items()}
        return {name: one for name, (one, _) in named.items()}, all(w for _, w in named.values())

    def _referred(
        self, reference: str, above: tuple[str, ...], cut: dict[str, Schema]
    ) -> tuple[Schema, bool]:
        if reference in self._whole:
            return self._whole[reference], True
        target = self._target(reference)
        if reference in above:
            kept = {name: target[name] for name in ("type", "title") if name in target}
            return kept, False
        # Of schemas that refer to each other there are more ways through them than anybody counts.
        if reference in cut:
            return cut[reference], False
        found, whole = self._resolved(target, (*above, reference), cut)
        (self._whole if whole else cut)[reference] = found
        return found, whole

    def _target(self, reference: str) -> Mapping[str, Any]:
        found: Any = self._document
        for part in reference.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}
