from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from harbour.config import get_settings
from harbour.errors import add_error_handlers
from harbour.routers import auth, berths, bookings, vessels


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(str(get_settings().database_url), pool_pre_ping=True)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


def create_app() -> FastAPI:
    app = FastAPI(title="Harbour", lifespan=lifespan)
    add_error_handlers(app)
    app.include_router(auth.router)
    app.include_router(berths.router)
    app.include_router(vessels.router)
    app.include_router(bookings.router)

    @app.get("/health", tags=["health"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
