"""Factories of the shop, with a code, a trait, children and a value that asks for an id."""

from __future__ import annotations

import datetime

from factory import Faker, LazyAttribute, Sequence, SubFactory, Trait
from shop.models import Address, Customer, Line, Note, Order, Tag

from test_harness import Code, ModelFactory


class CustomerFactory(ModelFactory):
    class Meta:
        model = Customer

    name = Faker("first_name")


class AddressFactory(ModelFactory):
    class Meta:
        model = Address

    street = "Main Street"


class OrderFactory(ModelFactory):
    class Meta:
        model = Order

    class Params:
        sent = Trait(status="sent", sent_on=datetime.date(2026, 2, 1), lines=2)

    number = Code("SO-{date:%Y}-{number:04}")
    status = "draft"
    customer = SubFactory(CustomerFactory)


class LineFactory(ModelFactory):
    class Meta:
        model = Line

    quantity = 1
    order = SubFactory(OrderFactory)
    # What only the database knows.
    article = LazyAttribute(lambda line: f"article-{line.order.id:03}")


class NoteFactory(ModelFactory):
    class Meta:
        model = Note

    text = "Call first."


class TagFactory(ModelFactory):
    class Meta:
        model = Tag

    name = Sequence(lambda number: f"tag-{number}")
