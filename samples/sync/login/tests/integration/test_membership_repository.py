"""Memberships in the database."""

import pytest

from app.errors import Conflict
from app.models import Role
from app.pagination import PageQuery
from app.repositories.memberships import MembershipRepository
from factories import MembershipFactory, UserFactory


def test_a_member_is_found_in_their_own_organisation_only(db):
    here = MembershipFactory.create()
    elsewhere = MembershipFactory.create()
    memberships = MembershipRepository(db, here.organisation_id)

    assert memberships.find(here.user_id) is here
    assert memberships.find(elsewhere.user_id) is None


def test_a_user_is_a_member_once(db):
    membership = MembershipFactory.create()
    user = UserFactory.create()
    memberships = MembershipRepository(db, membership.organisation_id)
    memberships.add(user, Role.MEMBER)
    db.expunge_all()

    with pytest.raises(Conflict, match="The user is a member already"):
        memberships.add(db.merge(user, load=False), Role.ADMIN)


def test_a_page_is_ordered_by_address(db):
    first = MembershipFactory.create(user__email="b@example.com")
    for email in ("c@example.com", "a@example.com"):
        MembershipFactory.create(organisation=first.organisation, user__email=email)
    MembershipFactory.create(user__email="elsewhere@example.com")

    page = MembershipRepository(db, first.organisation_id).page(PageQuery(size=2))

    assert [member.user.email for member in page.items] == ["a@example.com", "b@example.com"]
    assert page.total == 3


def test_only_owners_of_the_same_organisation_are_counted(db):
    owner = MembershipFactory.create(role=Role.OWNER)
    MembershipFactory.create(organisation=owner.organisation, role=Role.ADMIN)
    MembershipFactory.create(role=Role.OWNER)

    assert MembershipRepository(db, owner.organisation_id).count_owners() == 1
