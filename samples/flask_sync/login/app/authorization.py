"""What the sender of a request may do, for views to ask for."""

from app.access import Access
from app.authentication import current_user
from app.database import db


def access() -> Access:
    """Return what the logged-in user may do. Raises Unauthorized."""
    return Access(db.session(), current_user())
