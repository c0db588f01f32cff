"""What code uses of a request, gathered into schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from test_harness.walk.operation import Parameter, Schema
from test_harness.walk.schemas.known import Known, object_of
from test_harness.walk.schemas.symbols import Part

FILE: Schema = {"type": "string", "format": "binary"}


@dataclass
class _Use:
    """What is known of one value that is sent."""

    schema: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, _Use] = field(default_factory=dict)
    item: _Use | None = None
    needed: bool = False
    # Whether the code asks first if it is there, and whether it refuses where it is not.
    optional: bool = False
    demanded: bool = False

    @property
    def required(self) -> bool:
        if self.schema.get("default"):
            return False
        return self.demanded or (self.needed and not self.optional)

    def made(self) -> Schema:
        if self.item is not None and not self.keys:
            return {"type": "array", "items": self.item.made(), **self.schema}
        if not self.keys:
            return self.schema
        stated = self.schema.get("properties", {})
        read = {name: _joined(use.made(), stated.get(name)) for name, use in self.keys.items()}
        needed = {name for name, use in self.keys.items() if use.required}
        needed |= set(self.schema.get("required", ()))
        return {**self.schema, **object_of({**stated, **read}, needed)}


class Uses:
    """What the code of one operation uses."""

    def __init__(self) -> None:
        self._roots: dict[str, _Use] = {}

    def key(self, part: Part, name: str, *, needed: bool = False, asked: bool = False) -> Part:
        """Note that a key is read, and return what lies under it.

        Args:
            part: What it is a key of.
            name: The key.
            needed: Whether the code fails without it.
            asked: Whether the code only asks if it is there.
        """
        below = part.below(name)
        use = self._use(below)
        use.needed |= needed
        use.optional |= asked
        return below

    def is_of(self, part: Part, schema: Schema | None) -> None:
        """Note what is known of a value; what was known before goes first."""
        use = self._use(part)
        for name, said in (schema or {}).items():
            use.schema.setdefault(name, said)

    def needs(self, part: Part) -> None:
        """Note that the code refuses to go on without a value."""
        self._use(part).demanded = True

    def touch(self, part: Part) -> None:
        """Note that a value is read."""
        self._use(part)

    def known(self, *, has_body: bool) -> Known:
        """Return what is known from it.

        Args:
            has_body: Whether the method has a payload.
        """
        places = {"query": "query", "header": "header", "cookie": "cookie", "path": "path"}
        if not has_body:
            places["values"] = "query"
        parameters = [
            Parameter(name, sent_in, use.made(), use.required)
            for place, sent_in in places.items()
            for name, use in self._named(place)
        ]
        body, encoding = self._body() if has_body else (None, "")
        return Known(tuple(parameters), body, encoding)

    def _named(self, place: str) -> list[tuple[str, _Use]]:
        root = self._roots.get(place)
        if root is None:
            return []
        stated: Mapping[str, Schema] = root.schema.get("properties", {})
        required = root.schema.get("required", ())
        found = {name: _Use(dict(of_it), needed=name in required) for name, of_it in stated.items()}
        for name, use in root.keys.items():
            if name in found:
                found[name].demanded |= use.required
            else:
                found[name] = use
        return list(found.items())

    def _body(self) -> tuple[Schema | None, str]:
        if (json := self._roots.get("json")) and (json.keys or json.schema or json.item):
            return json.made(), "json"
        files = self._roots.get("files")
        fields = [self._roots[one] for one in ("form", "values") if one in self._roots]
        if files or fields:
            return _form(fields, files)
        if json:
            return {}, "json"
        return ({}, "content") if "raw" in self._roots else (None, "")

    def _use(self, part: Part) -> _Use:
        use = self._roots.setdefault(part.place, _Use())
        for key in part.path:
            if isinstance(key, int):
                use.item = use.item or _Use()
                use = use.item
            else:
                use = use.keys.setdefault(key, _Use())
        return use


def _form(fields: list[_Use], files: _Use | None) -> tuple[Schema, str]:
    properties: dict[str, Schema] = {}
    needed: set[str] = set()
    for part in [*fields, *([files] if files else [])]:
        made = part.made()
        properties |= made.get("properties", {})
        needed |= set(made.get("required", ()))
    if files:
        properties |= {name: _file(properties[name]) for name in files.keys}
    has_file = any("binary" in str(of_it) for of_it in properties.values())
    return object_of(properties, needed), "multipart" if has_file or files else "form"


def _file(schema: Schema) -> Schema:
    return {**schema, "items": FILE} if schema.get("type") == "array" else FILE


def _joined(read: Schema, stated: Schema | None) -> Schema:
    """Return what a model says of a property, with what the code says of it besides."""
    return {**read, **stated} if stated else read
