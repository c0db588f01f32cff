"""The session each request works in."""

from collections.abc import AsyncIterator

from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import session_factory


async def provide_session() -> AsyncIterator[AsyncSession]:
    """Yield a session, and commit it when the request succeeded.

    An error leaves the block before the commit, and closing the session rolls it back.
    """
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = NamedDependency[AsyncSession]
