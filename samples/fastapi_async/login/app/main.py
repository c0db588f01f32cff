"""The application: `uvicorn app.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.database import engine
from app.handlers import add_error_handlers
from app.routers import routers, socket


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close the database connections when the application stops."""
    yield
    await engine.dispose()


def create_app() -> FastAPI:
    """Return the application with all its routes and error handlers."""
    app = FastAPI(title="Catalogue", lifespan=lifespan)
    add_error_handlers(app)
    for router in routers:
        app.include_router(router)
    app.include_router(socket.router)
    return app


app = create_app()
