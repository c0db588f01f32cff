"""How errors are answered: all of them have a `detail`."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.types import ExceptionHandlersMap

from app.errors import DomainError
from app.validation import InvalidRequest


def domain_error(_: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    """Answer with the status and detail of the error."""
    return Response(
        {"detail": error.detail}, status_code=error.status_code, headers=dict(error.headers)
    )


def invalid_request(_: Request[Any, Any, Any], error: InvalidRequest) -> Response[Any]:
    """Answer 422, naming each invalid field."""
    return Response({"detail": error.detail}, status_code=422)


def validation_error(_: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """Answer 422, naming each invalid field."""
    entries = error.extra if isinstance(error.extra, list) else []
    detail = [
        {"loc": ["body", *filter(None, entry.get("key", "").split("."))], "msg": entry["message"]}
        for entry in entries
    ]
    return Response({"detail": detail}, status_code=422)


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer with the status and reason of the error."""
    if isinstance(error.__cause__, SerializationException):
        detail = [{"loc": ["body"], "msg": "This is no JSON."}]
        return Response({"detail": detail}, status_code=422)
    return Response({"detail": error.detail}, status_code=error.status_code)


exception_handlers: ExceptionHandlersMap = {
    DomainError: domain_error,
    InvalidRequest: invalid_request,
    ValidationException: validation_error,
    HTTPException: http_error,
}
