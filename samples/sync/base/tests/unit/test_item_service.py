"""What the service makes of a change, without a database."""

from uuid import uuid4

import pytest

from app.errors import Conflict
from app.models import Item, ItemStatus
from app.services.items import ItemService


class OneItem:
    """Stands in for the repository: whichever item is asked for, it is this one."""

    def __init__(self, item):
        self.item = item

    def get(self, item_id):
        return self.item


def change(item, changes):
    return ItemService(OneItem(item)).update(uuid4(), changes)


def test_only_the_fields_in_the_change_are_changed():
    item = Item(name="Chair", price_cents=100, status=ItemStatus.DRAFT)

    change(item, {"price_cents": 200})

    assert (item.name, item.price_cents, item.status) == ("Chair", 200, ItemStatus.DRAFT)


def test_a_status_may_be_repeated():
    item = Item(name="Chair", status=ItemStatus.ACTIVE)

    change(item, {"name": "Stool", "status": ItemStatus.ACTIVE})

    assert (item.name, item.status) == ("Stool", ItemStatus.ACTIVE)


def test_a_refused_step_changes_nothing():
    item = Item(name="Chair", status=ItemStatus.ARCHIVED)

    with pytest.raises(Conflict) as refusal:
        change(item, {"name": "Stool", "status": ItemStatus.ACTIVE})

    assert refusal.value.detail == "An item cannot go from archived to active."
    assert (item.name, item.status) == ("Chair", ItemStatus.ARCHIVED)
