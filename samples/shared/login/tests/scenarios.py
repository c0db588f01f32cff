"""Scenarios: rows that tests, `make seed` and end-to-end tests share, each under a name."""

from app.models import Role
from factories import ItemFactory, MembershipFactory, OrganisationFactory, UserFactory


def demo():
    """An organisation with an owner, a member and items, and another that is empty."""
    busy = OrganisationFactory.create(name="Busy")
    owner, member = UserFactory.create_batch(2)
    MembershipFactory.create(organisation=busy, user=owner, role=Role.OWNER)
    MembershipFactory.create(organisation=busy, user=member)
    return {
        "busy": busy,
        "idle": OrganisationFactory.create(name="Idle"),
        "owner": owner,
        "member": member,
        "items": ItemFactory.create_batch(5, organisation=busy),
    }
