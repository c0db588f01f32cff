"""What goes in and out of a view, checked and put into shape by the schemas."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, TypeAdapter, ValidationError

T = TypeVar("T")

# A body, a status, and headers.
Answer = tuple[dict[str, Any] | str, int, dict[str, str]]


class InvalidRequest(Exception):
    """A request with fields that are missing or wrong; `detail` names each."""

    def __init__(self, part: str, error: ValidationError) -> None:
        super().__init__(part)
        # Without the invalid input, which may be a password.
        self.detail = [
            {"loc": [part, *entry["loc"]], "msg": entry["msg"]} for entry in error.errors()
        ]


def body(kind: type[T]) -> T:
    """Return the request's JSON as a `kind`. Raises InvalidRequest."""
    try:
        return TypeAdapter(kind).validate_json(request.get_data())
    except ValidationError as error:
        raise InvalidRequest("body", error) from error


def query(kind: type[T]) -> T:
    """Return the request's query parameters as a `kind`. Raises InvalidRequest."""
    try:
        return TypeAdapter(kind).validate_python(request.args.to_dict())
    except ValidationError as error:
        raise InvalidRequest("query", error) from error


def answer(content: BaseModel, status: int = 200) -> Answer:
    """Return the answer that shows `content`."""
    return content.model_dump(mode="json"), status, {}


def no_content() -> Answer:
    """Return the answer of a view that has nothing to tell."""
    return "", 204, {}
