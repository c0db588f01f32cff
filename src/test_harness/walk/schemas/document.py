"""What a document of OpenAPI says of each operation: one of version 3, or of 2 (Swagger).

Sources: https://spec.openapis.org/oas/v3.1.0 and https://spec.openapis.org/oas/v2.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from test_harness.errors import first_line
from test_harness.lock.callers import place_of
from test_harness.walk.operation import Parameter, Schema
from test_harness.walk.schemas.known import Known, object_of
from test_harness.walk.schemas.references import References

Key = tuple[str, str]
"""A method and a path."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ENCODINGS = {
    "application/json": "json",
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
    "text/plain": "text",
}
# What stands beside the schema of a parameter in version 2, and is one itself.
_BESIDE = (
    "type", "format", "items", "enum", "default", "pattern", "example", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
)  # fmt: skip


def documented(make: Callable[[], Any], who: str) -> tuple[dict[Key, Known], list[str]]:
    """Return what a document says, by operation, and a sentence on why there is none.

    Args:
        make: Returns the document.
        who: Makes it: a framework, or an extension of one.
    """
    try:
        return operations_in(make()), []
    except Exception as error:  # noqa: BLE001 - models and hooks of the application's
        problem = f"{type(error).__name__}: {first_line(error).rstrip('.')}{place_of(error)}"
    return {}, [
        f"{who} cannot make the OpenAPI document of the application ({problem}), so what its "
        "routes take is read from their code."
    ]


def operations_in(document: Mapping[str, Any]) -> dict[Key, Known]:
    """Return what a document says, by the method and the path of each operation.

    Args:
        document: As it would be served as JSON.
    """
    references = References(document)
    base = str(document.get("basePath") or "").rstrip("/")
    found = {}
    for path, item in (document.get("paths") or {}).items():
        common = item.get("parameters") or []
        for method in METHODS:
            if isinstance(operation := item.get(method), Mapping):
                known = _Reader(document, references).known(operation, common)
                found[method.upper(), base + path] = known
    return found


class _Reader:
    def __init__(self, document: Mapping[str, Any], references: References) -> None:
        self._document = document
        self._resolve = references.resolve

    def known(self, operation: Mapping[str, Any], common: list[Any]) -> Known:
        listed = [self._resolve(one) for one in [*common, *(operation.get("parameters") or [])]]
        # What an operation says of a parameter goes before what its path says of it.
        stated = {(one.get("in"), one.get("name")): one for one in listed}
        body, encoding = self._body(operation)
        if body is None:
            body, encoding = _body_of_version_2(list(stated.values()), self._consumed(operation))
        return Known(
            parameters=tuple(_parameters(list(stated.values()))),
            body=body,
            encoding=encoding,
            answers=self._answers(operation),
            marks=frozenset(self._marks(operation)),
        )

    def _body(self, operation: Mapping[str, Any]) -> tuple[Schema | None, str]:
        stated = self._resolve(operation.get("requestBody") or {})
        content = stated.get("content") or {}
        kinds = sorted(content, key=_preference)
        if not kinds:
            return None, ""
        schema = content[kinds[0]].get("schema") or {}
        return _with_files(schema), _encoding(kinds[0])

    def _consumed(self, operation: Mapping[str, Any]) -> list[str]:
        return operation.get("consumes") or self._document.get("consumes") or []

    def _answers(self, operation: Mapping[str, Any]) -> dict[str, Schema]:
        found: dict[str, Schema] = {}
        for status, stated in (operation.get("responses") or {}).items():
            answer = self._resolve(stated)
            content = answer.get("content") or {}
            first: Schema = next((content[kind] for kind in sorted(content, key=_preference)), {})
            found[str(status)] = first.get("schema") or answer.get("schema") or {}
        return found

    def _marks(self, operation: Mapping[str, Any]) -> Iterator[str]:
        if operation.get("deprecated"):
            yield "deprecated"
        wanted = operation.get("security", self._document.get("security")) or []
        # An empty one among them says that it goes without, too.
        if wanted and all(wanted):
            yield "secured"
        for answer in (operation.get("responses") or {}).values():
            if "text/event-stream" in (self._resolve(answer).get("content") or {}):
                yield "streams"


def _with_files(schema: Schema) -> Schema:
    """Return a schema in which each file is said to be one in the words of version 3.0.

    From 3.1 on a file is a string whose content has a media type.
    """
    named = schema.get("properties")
    if not isinstance(named, Mapping):
        return schema
    return {**schema, "properties": {name: _with_file(one) for name, one in named.items()}}


def _with_file(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    if schema.get("contentMediaType") == "application/octet-stream":
        return {**schema, "format": "binary"}
    if "items" in schema:
        return {**schema, "items": _with_file(schema["items"])}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_file(one) for one in schema["anyOf"]]}
    return schema


def _parameters(stated: list[Schema]) -> Iterator[Parameter]:
    for one in stated:
        place = one.get("in", "")
        if place in ("path", "query", "header", "cookie"):
            content: Schema = next(iter((one.get("content") or {}).values()), {})
            schema = one.get("schema") or content.get("schema")
            schema = schema or {name: one[name] for name in _BESIDE if name in one}
            example = {"example": one["example"]} if "example" in one else {}
            required = bool(one.get("required")) or place == "path"
            yield Parameter(str(one.get("name")), place, {**schema, **example}, required)


def _body_of_version_2(stated: list[Schema], consumed: list[str]) -> tuple[Schema | None, str]:
    for one in stated:
        if one.get("in") == "body":
            return one.get("schema") or {}, "json"
    fields = [one for one in stated if one.get("in") == "formData"]
    if not fields:
        return None, ""
    properties = {
        one["name"]: {name: one[name] for name in _BESIDE if name in one} for one in fields
    }
    files = [name for name, schema in properties.items() if schema.get("type") == "file"]
    properties |= {name: {"type": "string", "format": "binary"} for name in files}
    is_multipart = bool(files) or "multipart/form-data" in consumed
    required = [one["name"] for one in fields if one.get("required")]
    return object_of(properties, required), "multipart" if is_multipart else "form"


def _encoding(kind: str) -> str:
    plain = kind.partition(";")[0].strip().lower()
    if plain.endswith(("/json", "+json")) or plain == "*/*":
        return "json"
    return ENCODINGS.get(plain, "text" if plain.startswith("text/") else "content")


def _preference(kind: str) -> int:
    order = ("json", "multipart", "form", "text", "content")
    return order.index(_encoding(kind))
