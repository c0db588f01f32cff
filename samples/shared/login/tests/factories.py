"""Factories: each row is valid by default, and a test states only what matters to it."""

from functools import cache

import factory

from app.models import Item, ItemStatus, Membership, Organisation, Role, User
from app.passwords import hash_password
from harness.auth import PASSWORD
from harness.factory import ModelFactory


@cache
def password_hash():
    """Return the hash of the password all users have; hashing is slow, so it is done once."""
    return hash_password(PASSWORD)


class OrganisationFactory(ModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")


class UserFactory(ModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    password_hash = factory.LazyFunction(password_hash)
    is_active = True
    is_verified = True


class MembershipFactory(ModelFactory):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.MEMBER


class ItemFactory(ModelFactory):
    class Meta:
        model = Item

    organisation = factory.SubFactory(OrganisationFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    name = factory.Sequence(lambda n: f"Item {n}")
    price_cents = 1000
    status = ItemStatus.DRAFT
