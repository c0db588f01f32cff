"""The session each request works in."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import session_factory


async def get_session() -> AsyncIterator[AsyncSession]:
    """Yield a session, and commit it when the request succeeded.

    An error leaves the block before the commit, and closing the session rolls it back.
    """
    async with session_factory() as session:
        yield session
        await session.commit()


# "function" commits before the response is sent: the default would answer 201 first and
# commit afterwards, and a commit that fails would never be reported.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
