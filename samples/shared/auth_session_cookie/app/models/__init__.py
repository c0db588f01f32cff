"""The tables. Importing this package registers all of them on `Base.metadata`."""

from app.models.avatar import Avatar
from app.models.base import Base
from app.models.failed_login import FailedLogin
from app.models.item import Item, ItemStatus
from app.models.login import Login
from app.models.membership import Membership, Role
from app.models.one_time_token import OneTimeToken, Purpose
from app.models.organisation import Organisation
from app.models.user import User

__all__ = [
    "Avatar",
    "Base",
    "FailedLogin",
    "Item",
    "ItemStatus",
    "Login",
    "Membership",
    "OneTimeToken",
    "Organisation",
    "Purpose",
    "Role",
    "User",
]
