"""Whether the application works."""

from litestar import get
from sqlalchemy import text

from app.dependencies import SessionDep
from app.schemas.health import Health


@get("/health")
async def health(session: SessionDep) -> Health:
    """Answer 200 when the database answers too."""
    await session.execute(text("SELECT 1"))
    return Health()
