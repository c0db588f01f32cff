"""Memberships in the database."""

import pytest

from app.errors import Conflict
from app.models import Role
from app.pagination import PageQuery
from app.repositories.memberships import MembershipRepository
from factories import MembershipFactory, UserFactory


async def test_a_member_is_found_in_their_own_organisation_only(db):
    here = await MembershipFactory.create_async()
    elsewhere = await MembershipFactory.create_async()
    memberships = MembershipRepository(db, here.organisation_id)

    assert await memberships.find(here.user_id) is here
    assert await memberships.find(elsewhere.user_id) is None


async def test_a_user_is_a_member_once(db):
    membership = await MembershipFactory.create_async()
    user = await UserFactory.create_async()
    memberships = MembershipRepository(db, membership.organisation_id)
    await memberships.add(user, Role.MEMBER)
    db.expunge_all()

    with pytest.raises(Conflict, match="The user is a member already"):
        await memberships.add(await db.merge(user, load=False), Role.ADMIN)


async def test_a_page_is_ordered_by_address(db):
    first = await MembershipFactory.create_async(user__email="b@example.com")
    for email in ("c@example.com", "a@example.com"):
        await MembershipFactory.create_async(organisation=first.organisation, user__email=email)
    await MembershipFactory.create_async(user__email="elsewhere@example.com")

    page = await MembershipRepository(db, first.organisation_id).page(PageQuery(size=2))

    assert [member.user.email for member in page.items] == ["a@example.com", "b@example.com"]
    assert page.total == 3


async def test_only_owners_of_the_same_organisation_are_counted(db):
    owner = await MembershipFactory.create_async(role=Role.OWNER)
    await MembershipFactory.create_async(organisation=owner.organisation, role=Role.ADMIN)
    await MembershipFactory.create_async(role=Role.OWNER)

    assert await MembershipRepository(db, owner.organisation_id).count_owners() == 1
