"""The ranks of roles, and what a member may do to another one, without a database."""

from uuid import uuid4

import pytest

from app.errors import Conflict, Forbidden
from app.models import Membership, Role
from app.services.members import MemberService

MEMBER, ADMIN, OWNER = Role


class Memberships:
    """Stands in for the repository: whichever member is asked for, it is this one."""

    def __init__(self, membership, owners):
        self.membership = membership
        self.owners = owners
        self.removed = []

    async def find(self, user_id):
        return self.membership

    async def count_owners(self):
        return self.owners

    async def remove(self, membership):
        self.removed.append(membership)


def membership(role):
    return Membership(user_id=uuid4(), role=role)


def service(actor, memberships):
    return MemberService(actor, memberships, users=None)


def test_a_role_covers_itself_and_all_below():
    covered = {role: [other for other in Role if role.covers(other)] for role in Role}

    assert covered == {
        MEMBER: [MEMBER],
        ADMIN: [MEMBER, ADMIN],
        OWNER: [MEMBER, ADMIN, OWNER],
    }


@pytest.mark.parametrize(("actor", "role"), [(ADMIN, ADMIN), (OWNER, OWNER)])
async def test_a_member_up_to_the_own_role_can_be_removed(actor, role):
    memberships = Memberships(membership(role), owners=2)

    await service(membership(actor), memberships).remove(memberships.membership.user_id)

    assert memberships.removed == [memberships.membership]


@pytest.mark.parametrize(("actor", "role"), [(MEMBER, MEMBER), (ADMIN, OWNER)])
async def test_other_members_cannot_be_removed(actor, role):
    memberships = Memberships(membership(role), owners=2)

    with pytest.raises(Forbidden, match="Your role does not let you remove this member"):
        await service(membership(actor), memberships).remove(memberships.membership.user_id)

    assert memberships.removed == []


async def test_everybody_may_leave():
    actor = membership(MEMBER)
    memberships = Memberships(actor, owners=2)

    await service(actor, memberships).remove(actor.user_id)

    assert memberships.removed == [actor]


async def test_the_last_owner_may_not_leave():
    actor = membership(OWNER)
    memberships = Memberships(actor, owners=1)

    with pytest.raises(Conflict, match="An organisation needs an owner"):
        await service(actor, memberships).remove(actor.user_id)

    assert memberships.removed == []


async def test_the_last_owner_may_not_step_down():
    actor = membership(OWNER)

    with pytest.raises(Conflict, match="An organisation needs an owner"):
        await service(actor, Memberships(actor, owners=1)).change_role(actor.user_id, ADMIN)

    assert actor.role is OWNER


@pytest.mark.parametrize(("role", "new_role", "owners"), [(OWNER, ADMIN, 2), (ADMIN, OWNER, 1)])
async def test_roles_change_while_an_owner_remains(role, new_role, owners):
    memberships = Memberships(membership(role), owners)

    await service(membership(OWNER), memberships).change_role(uuid4(), new_role)

    assert memberships.membership.role is new_role


async def test_nobody_hands_out_a_role_above_their_own():
    with pytest.raises(Forbidden, match="Nobody hands out a role above their own"):
        await service(membership(ADMIN), memberships=None).add(uuid4(), OWNER)
