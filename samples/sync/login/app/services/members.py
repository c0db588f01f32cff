"""Who joins and leaves an organisation, and as what."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden, NotFound
from app.models import Membership, Role
from app.pagination import Page, PageQuery
from app.repositories.memberships import MembershipRepository
from app.repositories.users import UserRepository


class MemberService:
    """Works on the members of one organisation, on behalf of one of them."""

    def __init__(
        self, actor: Membership, memberships: MembershipRepository, users: UserRepository
    ) -> None:
        self.actor = actor
        self.memberships = memberships
        self.users = users

    @classmethod
    def of(cls, actor: Membership, session: Session) -> "MemberService":
        """Return the service for the members of the organisation that `actor` belongs to."""
        memberships = MembershipRepository(session, actor.organisation_id)
        return cls(actor, memberships, UserRepository(session))

    def page(self, query: PageQuery) -> Page[Membership]:
        """Return one page of the members."""
        return self.memberships.page(query)

    def add(self, user_id: UUID, role: Role) -> Membership:
        """Add a member.

        Raises Forbidden for a role above the actor's own, NotFound for an unknown user,
        Conflict for one who is a member already.
        """
        if not self.actor.role.covers(role):
            raise Forbidden("Nobody hands out a role above their own.")
        return self.memberships.add(self.users.get(user_id), role)

    def change_role(self, user_id: UUID, role: Role) -> Membership:
        """Give a member another role. Raises NotFound, and Conflict for the last owner."""
        membership = self._get(user_id)
        if role is not Role.OWNER:
            self._check_not_last_owner(membership)
        membership.role = role
        return membership

    def remove(self, user_id: UUID) -> None:
        """Remove a member; everybody may remove themselves.

        Raises NotFound, Forbidden when the actor is no admin or below the member's role, and
        Conflict for the last owner.
        """
        membership = self._get(user_id)
        may_remove = self.actor.role.covers(Role.ADMIN) and self.actor.role.covers(membership.role)
        if membership.user_id != self.actor.user_id and not may_remove:
            raise Forbidden("Your role does not let you remove this member.")
        self._check_not_last_owner(membership)
        self.memberships.remove(membership)

    def _get(self, user_id: UUID) -> Membership:
        membership = self.memberships.find(user_id)
        if membership is None:
            raise NotFound("No such member.")
        return membership

    def _check_not_last_owner(self, membership: Membership) -> None:
        if membership.role is Role.OWNER and self.memberships.count_owners() == 1:
            raise Conflict("An organisation needs an owner.")
