"""The payload of an operation: what is sent first, and what instead of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from test_harness.walk.complaints import Complaint
from test_harness.walk.fitting import fits, kind_of, merged, narrowed
from test_harness.walk.models import snake
from test_harness.walk.operation import Operation, Schema
from test_harness.walk.recipe import CONTENTS, Recipe, Symbol
from test_harness.walk.values import Hint, text, value_for
from test_harness.walk.visit import Visit

# What the field of a file is called, where nothing says so.
FIELDS = ("file", "image", "upload")
ENCODINGS = ("json", "form", "multipart")


class Payload:
    """Knows what an operation takes.

    Args:
        operation: The operation.
        hint: Knows values by their names.
    """

    def __init__(self, operation: Operation, hint: Hint) -> None:
        self.operation, self.hint = operation, hint
        self.schema: Schema = narrowed(operation.body or {})

    def first(self, recipe: Recipe) -> Recipe:
        """Return a recipe with what is needed; with all there is where nothing of it is."""
        if self.operation.body is None:
            return recipe
        return self.put(recipe, self.made(optional=self._is_all_optional()))

    def _is_all_optional(self) -> bool:
        return not self.schema.get("required") and self.operation.method in {"PATCH", "PUT", "POST"}

    def made(self, *, optional: bool) -> Any:
        """Return a payload.

        Args:
            optional: Whether with what need not be.
        """
        return value_for(self.schema, "", self.hint, optional=optional)

    def put(self, recipe: Recipe, payload: Any, encoding: str = "") -> Recipe:
        """Return a recipe with a payload, as the operation wants it sent."""
        encoding = encoding or self.operation.encoding or "json"
        bare = recipe.but(json=None, form=None, files=None, content=None)
        if encoding == "text" or (not isinstance(payload, (Mapping, list)) and encoding != "json"):
            return bare.but(content=str(payload))
        if encoding == "json" or not isinstance(payload, Mapping):
            return bare.but(json=payload)
        files = {name: str(one) for name, one in payload.items() if self._is_file(name)}
        fields = {name: one for name, one in payload.items() if name not in files}
        files = {name: _one_file(one) for name, one in files.items()}
        return bare.but(form=fields if fields or not files else None, files=files or None)

    def _is_file(self, name: str) -> bool:
        one = narrowed(self.schema.get("properties", {}).get(name, {}))
        one = narrowed(one.get("items", {})) if kind_of(one) == "array" else one
        return one.get("format") == "binary" or "contentMediaType" in one

    # ------------------------------------------------------------------------------ what is said

    def without(self, recipe: Recipe, complaint: Complaint) -> Recipe:
        """Return a recipe whose payload is as a complaint wants it."""
        payload = sent_in(recipe)
        if not isinstance(payload, (Mapping, list)):
            payload = {}
        if str(complaint.names[0]) in (recipe.files or {}):
            return recipe
        if recipe.files and complaint.lacks and not self.schema.get("properties"):
            # Nothing says what the field of the file is called, but this.
            return recipe.but(files={str(complaint.names[0]): next(iter(recipe.files.values()))})
        names = list(complaint.names)
        if not complaint.place and isinstance(payload, Mapping) and str(names[0]) not in payload:
            # `data.title`, where the payload itself is called data.
            names = names[1:] if len(names) > 1 and str(names[1]) in payload else names
        changed = self._at(payload, names, self.schema, complaint)
        encoding = "form" if recipe.form is not None else "json" if recipe.json is not None else ""
        made = self.put(recipe, changed, encoding if not recipe.files else "")
        return made.but(files={**(recipe.files or {}), **(made.files or {})} or None)

    def _at(self, held: Any, names: list[str | int], schema: Schema, complaint: Complaint) -> Any:
        """Return a payload, or a part of it, with something else at a place."""
        schema = narrowed(schema)
        if names and isinstance(held, list):
            inner = schema.get("items", {})
            is_place = str(names[0]).isdigit()
            at, rest = (int(names[0]), names[1:]) if is_place else (0, names)
            return [
                self._at(one, rest, inner, complaint) if place == at else one
                for place, one in enumerate(held)
            ]
        if names and isinstance(held, Mapping):
            return self._in(held, str(names[0]), names[1:], schema, complaint)
        return self._another(held, schema, "", complaint)

    def _in(
        self,
        held: Mapping[str, Any],
        key: str,
        rest: list[str | int],
        schema: Schema,
        complaint: Complaint,
    ) -> Mapping[str, Any]:
        inner = schema.get("properties", {}).get(key, {})
        if rest and isinstance(held.get(key), (Mapping, list)):
            return {**held, key: self._at(held[key], rest, inner, complaint)}
        is_needed = complaint.lacks or key in schema.get("required", ()) or complaint.schema()
        if key in held and (complaint.has_too_much or not is_needed):
            return {it: one for it, one in held.items() if it != key}
        if key not in held and not complaint.lacks and not inner:
            # What the answer speaks of was not sent, and is not known: a word of a sentence.
            return held
        return {**held, key: self._another(held.get(key), inner, key, complaint)}

    def _another(self, held: Any, schema: Schema, name: str, complaint: Complaint) -> Any:
        wanted = merged([complaint.schema(), schema])
        made = value_for(wanted, name, self.hint)
        if made == held:
            made = (
                text(wanted, snake(name)) if kind_of(narrowed(wanted)) in {"string", ""} else made
            )
        return made

    def sent_otherwise(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield recipes whose payload is sent in another way, or other files."""
        payload = sent_in(recipe)
        if visit.status in {0, 400, 422, 500} and recipe.files:
            for name in FIELDS:
                yield recipe.but(files={name: next(iter(recipe.files.values()))})
        if visit.status in {400, 413, 415, 422} and recipe.files:
            for end in CONTENTS:
                files = {
                    it: f"{name.rpartition('.')[0]}.{end}" for it, name in recipe.files.items()
                }
                yield recipe.but(files=files)
        says_so = visit.status == 415 or re.search(
            r"(?i)content.?type|media.?type", visit.text[:2000]
        )
        if payload is not None and (
            says_so or (visit.status in {400, 422} and not self.operation.body)
        ):
            sent = "json" if recipe.json is not None else "form"
            for encoding in ENCODINGS[:2]:
                if encoding != sent and isinstance(payload, Mapping):
                    yield self.put(recipe, payload, encoding)

    def varied(
        self, recipe: Recipe, visit: Visit, others: Callable[[Any], list[Symbol]]
    ) -> Iterator[Recipe]:
        """Yield recipes that differ in one field."""
        payload = sent_in(recipe)
        if payload is None and self.operation.body is None:
            return
        for optional in (False, True):
            if visit.status in {0, 400, 404, 409, 422, 500} and self.operation.body is not None:
                yield self.put(recipe, self.made(optional=optional))
        if not isinstance(payload, Mapping):
            return
        properties = self.schema.get("properties", {})
        for name, held in payload.items():
            for other in others(held):
                yield self._with(recipe, payload, name, other)
            choices = narrowed(properties.get(name, {})).get("enum", ())
            for choice in [one for one in choices if one != held and one is not None][:3]:
                yield self._with(recipe, payload, name, choice)
        unneeded = [it for it in payload if it not in self.schema.get("required", ())]
        if self.schema.get("required") is not None:
            for name in unneeded[:4]:
                yield self.put(recipe, {it: one for it, one in payload.items() if it != name})

    def _with(self, recipe: Recipe, payload: Mapping[str, Any], name: str, value: Any) -> Recipe:
        if not fits(value, {}):
            return recipe
        return self.put(recipe, {**payload, name: value})


def sent_in(recipe: Recipe) -> Any:
    """Return the payload of a recipe, without its files; None for none."""
    return recipe.json if recipe.json is not None else recipe.form


def _one_file(name: str) -> str:
    found = re.search(r"[\w.-]+\.\w+", name)
    return found[0] if found else "file.png"
