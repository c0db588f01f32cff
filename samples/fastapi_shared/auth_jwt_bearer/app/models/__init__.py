"""The tables. Importing this package registers all of them on `Base.metadata`."""

from app.models.base import Base
from app.models.item import Item, ItemStatus
from app.models.membership import Membership, Role
from app.models.organisation import Organisation
from app.models.refresh_session import RefreshSession
from app.models.user import User

__all__ = [
    "Base",
    "Item",
    "ItemStatus",
    "Membership",
    "Organisation",
    "RefreshSession",
    "Role",
    "User",
]
