"""The members of an organisation, in the database."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.errors import Conflict
from app.models import Membership, Role, User
from app.pagination import Page, PageQuery, fetch_page


class MembershipRepository:
    """Reads and writes the memberships of one organisation."""

    def __init__(self, session: Session, organisation_id: UUID) -> None:
        self.session = session
        self.organisation_id = organisation_id

    def _existing(self) -> Select[Any]:
        return select(Membership).where(Membership.organisation_id == self.organisation_id)

    def add(self, user: User, role: Role) -> Membership:
        """Make `user` a member. Raises Conflict when they are one already."""
        membership = Membership(organisation_id=self.organisation_id, user=user, role=role)
        self.session.add(membership)
        try:
            self.session.flush()
        except IntegrityError as error:
            raise Conflict("The user is a member already.") from error
        return membership

    def find(self, user_id: UUID) -> Membership | None:
        """Return a user's membership, if they have one, with user and organisation."""
        statement = (
            self._existing()
            .where(Membership.user_id == user_id)
            .options(joinedload(Membership.user), joinedload(Membership.organisation))
        )
        membership: Membership | None = self.session.scalar(statement)
        return membership

    def page(self, query: PageQuery) -> Page[Membership]:
        """Return one page of the memberships, each with its user, by email address."""
        statement = (
            self._existing()
            .join(Membership.user)
            .options(contains_eager(Membership.user))
            .order_by(User.email)
        )
        return fetch_page(self.session, statement, query)

    def count_owners(self) -> int:
        """Return the number of owners, and keep it from changing until the request ends.

        Otherwise two owners who leave at the same time would each count on the other.
        """
        owners = self.session.scalars(
            self._existing().where(Membership.role == Role.OWNER).with_for_update()
        )
        return len(owners.all())

    def remove(self, membership: Membership) -> None:
        """Delete a membership."""
        self.session.delete(membership)
        self.session.flush()
