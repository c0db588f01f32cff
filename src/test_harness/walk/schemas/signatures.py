"""What the signature of a handler of FastAPI or Litestar says, where no document does."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from test_harness.application.routes import Route
from test_harness.walk.operation import Parameter, Schema
from test_harness.walk.schemas.annotations import is_model, schema_of
from test_harness.walk.schemas.known import Known, object_of

# What Litestar hands to a handler by name.
_RESERVED = {"request", "state", "headers", "cookies", "query", "scope", "socket", "body", "self"}
# What is annotated with these is taken from there: classes of FastAPI, by their names.
_PLACES = {
    "Query": "query",
    "Header": "header",
    "Cookie": "cookie",
    "Path": "path",
    "Body": "json",
    "Form": "form",
    "File": "multipart",
}
_MEDIA = {
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}
_UPLOADS = {"UploadFile"}
# What stands for no default: of Python and pydantic, by the names of their types.
_NONE = (inspect.Parameter.empty, ...)
_NO_DEFAULTS = {"PydanticUndefinedType", "UndefinedType"}


def known_by_signature(route: Route, function: FunctionType) -> Known:
    """Return what the parameters of a handler say.

    Args:
        route: Its route.
        function: The handler.
    """
    found = list(_taken(route, function, set()))
    parameters = tuple(
        Parameter(name, place, schema, needed)
        for name, place, schema, needed in found
        if place in ("query", "header", "cookie", "path")
    )
    bodies = [one for one in found if one[1] in ("json", "form", "multipart", "whole")]
    if not bodies:
        return Known(parameters)
    encoding = max((one[1] for one in bodies), key=["whole", "json", "form", "multipart"].index)
    # FastAPI takes the only model as the payload itself, and Litestar whatever is called `data`.
    whole = [one for one in bodies if one[1] == "whole"]
    whole = whole or [one for one in bodies if len(bodies) == 1 and one[2].get("type") == "object"]
    if whole:
        return Known(parameters, whole[0][2], "json" if encoding == "whole" else encoding)
    needed = [name for name, _, _, is_needed in bodies if is_needed]
    body = object_of({name: schema for name, _, schema, _ in bodies}, needed)
    return Known(parameters, body, encoding)


def _taken(route: Route, function: Any, seen: set[Any]) -> Iterator[tuple[str, str, Schema, bool]]:
    """Yield name, place, schema and whether it is required, of what a function takes."""
    if function in seen:
        return
    seen.add(function)
    provided = _provided(route)
    hints = _hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, default = hints.get(name, Any), parameter.default
        marks = [*getattr(kind, "__metadata__", ()), default]
        if dependency := next((m for m in marks if type(m).__name__ in ("Depends", "Security")), 0):
            called = getattr(dependency, "dependency", None)
            yield from _taken(route, called, seen) if inspect.isfunction(called) else ()
        elif name in provided:
            yield from _taken(route, provided[name], seen) if provided[name] else ()
        elif name not in _RESERVED and not _is_of_the_framework(kind):
            place, alias = _place_of(route, name, kind, marks)
            schema, value = _schema(kind), getattr(default, "default", default)
            if isinstance(value, (str, int, float)):
                schema = {**schema, "default": value}
            yield alias, place, schema, type(value).__name__ in _NO_DEFAULTS or value in _NONE


def _place_of(route: Route, name: str, kind: Any, marks: list[Any]) -> tuple[str, str]:
    if name in route.parameters:
        return "path", name
    is_litestar = hasattr(route.owner, "asgi_router")
    if is_litestar and name == "data":
        media = [str(getattr(getattr(one, "media_type", ""), "value", "")) for one in marks]
        return next((_MEDIA[one] for one in media if one in _MEDIA), "whole"), name
    for mark in marks:
        if place := _PLACES.get(type(mark).__name__.removesuffix("Info")):
            alias = getattr(mark, "alias", None)
            return place, alias or (name.replace("_", "-") if place == "header" else name)
        for attribute in ("header", "cookie", "query"):
            if isinstance(alias := getattr(mark, attribute, None), str):
                return attribute, alias
    if _is_upload(kind):
        return "multipart", name
    return ("json" if is_model(kind) and not is_litestar else "query"), name


def _schema(kind: Any) -> Schema:
    if _is_upload(kind):
        return {"type": "string", "format": "binary"}
    return schema_of(kind) or ({"type": "object"} if is_model(kind) else {})


def _is_upload(kind: Any) -> bool:
    inner = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    return getattr(inner, "__name__", "") in _UPLOADS


def _is_of_the_framework(kind: Any) -> bool:
    module = getattr(kind, "__module__", "").partition(".")[0]
    return module in ("starlette", "fastapi", "litestar", "sqlalchemy") and not _is_upload(kind)


def _provided(route: Route) -> dict[str, Any]:
    """Return the dependencies of a handler of Litestar, by the names that it takes them by."""
    resolve = getattr(route.definition, "resolve_dependencies", None)
    if resolve is None:
        return {}
    found = {name: getattr(one, "dependency", None) for name, one in resolve().items()}
    return {name: one if inspect.isfunction(one) else None for name, one in found.items()}


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 - names that are only there for type checkers
        return {}
