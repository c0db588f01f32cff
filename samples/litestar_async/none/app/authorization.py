"""What the sender of a request may do, for handlers to ask for."""

from litestar.di import NamedDependency

from app.access import Access
from app.dependencies import SessionDep


async def provide_access(session: SessionDep) -> Access:
    """Return what everybody may do."""
    return Access(session)


AccessDep = NamedDependency[Access]
