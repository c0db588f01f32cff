"""What the sender of a request may do, for routes to ask for."""

from typing import Annotated

from fastapi import Depends

from app.access import Access
from app.dependencies import SessionDep


def get_access(session: SessionDep) -> Access:
    """Return what everybody may do."""
    return Access(session)


AccessDep = Annotated[Access, Depends(get_access)]
