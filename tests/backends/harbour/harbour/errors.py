from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse


class HarbourError(Exception):
    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticatedError(HarbourError):
    status_code = status.HTTP_401_UNAUTHORIZED


class ForbiddenError(HarbourError):
    status_code = status.HTTP_403_FORBIDDEN


class NotFoundError(HarbourError):
    status_code = status.HTTP_404_NOT_FOUND


class ConflictError(HarbourError):
    status_code = status.HTTP_409_CONFLICT


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HarbourError)
    async def answer(_: Request, error: HarbourError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else None  # noqa: PLR2004
        return JSONResponse({"detail": error.detail}, error.status_code, headers)
