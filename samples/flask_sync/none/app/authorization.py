"""What the sender of a request may do, for views to ask for."""

from app.access import Access
from app.database import db


def access() -> Access:
    """Return what everybody may do."""
    return Access(db.session())
