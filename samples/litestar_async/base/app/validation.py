"""Checks what the signature of a handler cannot: queries and partial changes."""

from typing import Any, TypeVar

from litestar import Request
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class InvalidRequest(Exception):
    """A request with fields that are missing or wrong; `detail` names each."""

    def __init__(self, part: str, error: ValidationError) -> None:
        super().__init__(part)
        # Without the invalid input, which may be a password.
        self.detail = [
            {"loc": [part, *entry["loc"]], "msg": entry["msg"]} for entry in error.errors()
        ]


def changes(kind: type[T], data: dict[str, Any]) -> T:
    """Return the fields of a request's JSON as a `kind`. Raises InvalidRequest."""
    return _validated(kind, data, "body")


def query(kind: type[T], request: Request[Any, Any, Any]) -> T:
    """Return the request's query parameters as a `kind`. Raises InvalidRequest."""
    return _validated(kind, dict(request.query_params), "query")


def _validated(kind: type[T], data: object, part: str) -> T:
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise InvalidRequest(part, error) from error
