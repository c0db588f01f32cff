"""Factories: each row is valid by default, and a test states only what matters to it."""

import factory

from app.models import Item, ItemStatus, Organisation
from harness.factory import ModelFactory


class OrganisationFactory(ModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")


class ItemFactory(ModelFactory):
    class Meta:
        model = Item

    organisation = factory.SubFactory(OrganisationFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    name = factory.Sequence(lambda n: f"Item {n}")
    price_cents = 1000
    status = ItemStatus.DRAFT
