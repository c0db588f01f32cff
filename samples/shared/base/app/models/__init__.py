"""The tables. Importing this package registers all of them on `Base.metadata`."""

from app.models.base import Base
from app.models.item import Item, ItemStatus
from app.models.organisation import Organisation

__all__ = ["Base", "Item", "ItemStatus", "Organisation"]
