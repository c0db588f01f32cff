"""Who may do what: a role in an organisation decides.

The routes name what they are about to do (read, edit, manage); this module alone decides
whether they may. A rule added here holds everywhere.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Forbidden, NotFound
from app.models import Membership, Organisation, Role, User
from app.repositories.memberships import MembershipRepository


class Access:
    """What the sender of a request may do."""

    def __init__(self, session: AsyncSession, user: User) -> None:
        self.session = session
        self.user = user

    def visible_organisations(self) -> ColumnElement[bool]:
        """Return the condition for organisations the caller may know of: their own."""
        own = select(Membership.organisation_id).where(Membership.user_id == self.user.id)
        return Organisation.id.in_(own)

    def new_organisation(self, name: str) -> Organisation:
        """Return the organisation the caller founds, to be stored, with the caller as its owner."""
        organisation = Organisation(name=name)
        self.session.add(Membership(organisation=organisation, user=self.user, role=Role.OWNER))
        return organisation

    async def member(self, organisation_id: UUID, role: Role = Role.MEMBER) -> Membership:
        """Return the caller's membership in an organisation.

        Raises NotFound to strangers: whether the organisation exists is not their business.
        Raises Forbidden when the caller's role is below `role`.
        """
        membership = await MembershipRepository(self.session, organisation_id).find(self.user.id)
        if membership is None:
            raise NotFound("No such organisation.")
        if not membership.role.covers(role):
            raise Forbidden(f"This needs the role {role.value}.")
        return membership

    async def to_read(self, organisation_id: UUID) -> Organisation:
        """Return an organisation to any of its members. Raises NotFound."""
        return (await self.member(organisation_id)).organisation

    async def to_edit(self, organisation_id: UUID) -> Organisation:
        """Return an organisation to those who may edit its items. Raises NotFound."""
        return (await self.member(organisation_id)).organisation

    async def to_manage(self, organisation_id: UUID) -> Organisation:
        """Return an organisation to its admins and owners. Raises NotFound and Forbidden."""
        return (await self.member(organisation_id, Role.ADMIN)).organisation
