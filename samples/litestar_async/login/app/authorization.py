"""What the sender of a request may do, for handlers to ask for."""

from litestar.di import NamedDependency

from app.access import Access
from app.authentication import CurrentUser
from app.dependencies import SessionDep


async def provide_access(session: SessionDep, user: CurrentUser) -> Access:
    """Return what the logged-in user may do."""
    return Access(session, user)


AccessDep = NamedDependency[Access]
