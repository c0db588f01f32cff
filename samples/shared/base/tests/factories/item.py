"""Items."""

from factory import Sequence, SubFactory
from test_harness import ModelFactory

from app.models import Item, ItemStatus
from factories.organisation import OrganisationFactory


class ItemFactory(ModelFactory):
    class Meta:
        model = Item

    organisation = SubFactory(OrganisationFactory)
    sku = Sequence(lambda n: f"SKU-{n}")
    name = Sequence(lambda n: f"Item {n}")
    price_cents = 1000
    status = ItemStatus.DRAFT
