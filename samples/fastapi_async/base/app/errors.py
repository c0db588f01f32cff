"""What can go wrong in the domain, and how HTTP says it."""

from collections.abc import Mapping
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


class DomainError(Exception):
    """A request that cannot be fulfilled; `detail` is written for its sender."""

    status_code: ClassVar[int]
    headers: ClassVar[Mapping[str, str] | None] = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unauthorized(DomainError):
    """Nobody knows who the caller is."""

    status_code = 401
    headers: ClassVar[Mapping[str, str] | None] = {"WWW-Authenticate": "Bearer"}


class Forbidden(DomainError):
    """The caller may know of this, and may not do it."""

    status_code = 403


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    status_code = 404


class Conflict(DomainError):
    """The request contradicts what is stored."""

    status_code = 409


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` answer domain and validation errors."""

    @app.exception_handler(DomainError)
    async def domain_error(_: Request, error: DomainError) -> JSONResponse:
        """Answer with the status and detail of the error."""
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
        """Answer 422, naming each invalid field."""
        # FastAPI's own answer repeats the invalid input, which may be a password.
        detail = [{key: entry[key] for key in ("type", "loc", "msg")} for entry in error.errors()]
        return JSONResponse({"detail": detail}, 422)
