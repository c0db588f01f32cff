"""Memberships."""

from factory import SubFactory
from test_harness import ModelFactory

from app.models import Membership, Role
from factories.organisation import OrganisationFactory
from factories.user import UserFactory


class MembershipFactory(ModelFactory):
    class Meta:
        model = Membership

    organisation = SubFactory(OrganisationFactory)
    user = SubFactory(UserFactory)
    role = Role.MEMBER
