"""How errors are answered: all of them have a `detail`."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from app.errors import DomainError
from app.exchange import Answer, InvalidRequest


def add_error_handlers(app: Flask) -> None:
    """Make `app` answer domain, validation and routing errors."""

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError) -> Answer:
        """Answer with the status and detail of the error."""
        return {"detail": error.detail}, error.status_code, dict(error.headers)

    @app.errorhandler(InvalidRequest)
    def invalid_request(error: InvalidRequest) -> Answer:
        """Answer 422, naming each invalid field."""
        return {"detail": error.detail}, 422, {}

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Answer:
        """Answer with the status and reason of the error."""
        return {"detail": error.name}, error.code or 500, {}
