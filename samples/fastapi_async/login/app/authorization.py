"""What the sender of a request may do, for routes to ask for."""

from typing import Annotated

from fastapi import Depends

from app.access import Access
from app.authentication import CurrentUser
from app.dependencies import SessionDep


async def get_access(user: CurrentUser, session: SessionDep) -> Access:
    """Return what the logged-in user may do."""
    return Access(session, user)


AccessDep = Annotated[Access, Depends(get_access)]
