"""How errors are answered: all of them have a `detail`."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.errors import DomainError


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
        detail = [{key: entry[key] for key in ("loc", "msg")} for entry in error.errors()]
        return JSONResponse({"detail": detail}, 422)
