"""Who may do what: a bearer token says who the caller is, a role in the organisation the rest.

The routes name what they are about to do (read, edit, manage); this module alone decides
whether they may. A rule added here holds everywhere.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import ColumnElement, select

from app import tokens
from app.database import SessionDep
from app.errors import Forbidden, NotFound, Unauthorized
from app.models import Membership, Organisation, RefreshSession, Role, User
from app.repositories.memberships import MembershipRepository
from app.repositories.sessions import RefreshSessionRepository
from app.schemas.organisations import OrganisationCreate
from app.tokens import TokenKind

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def current_session(bearer: Bearer, session: SessionDep) -> RefreshSession:
    """Return the session the request's token belongs to. Raises Unauthorized.

    A token outlives the logout of its session; therefore the session is looked up each time.
    """
    if bearer is None:
        raise Unauthorized("A bearer token is needed.")
    claims = tokens.read(TokenKind.ACCESS, bearer.credentials)
    return RefreshSessionRepository(session).get_live(claims.session_id)


CurrentSession = Annotated[RefreshSession, Depends(current_session)]


def current_user(current: CurrentSession) -> User:
    """Return the user who sends the request. Raises Unauthorized."""
    return current.user


CurrentUser = Annotated[User, Depends(current_user)]


def current_membership(organisation_id: UUID, user: CurrentUser, session: SessionDep) -> Membership:
    """Return the caller's membership in the organisation in the path.

    Raises NotFound to strangers: whether the organisation exists is not their business.
    """
    membership = MembershipRepository(session, organisation_id).find(user.id)
    if membership is None:
        raise NotFound("No such organisation.")
    return membership


class MemberWith:
    """The dependency on a caller with a certain role, or a higher one."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(
        self, membership: Annotated[Membership, Depends(current_membership)]
    ) -> Membership:
        """Return the caller's membership. Raises Forbidden when the role does not suffice."""
        if not membership.role.covers(self.role):
            raise Forbidden(f"This needs the role {self.role.value}.")
        return membership


Member = Annotated[Membership, Depends(MemberWith(Role.MEMBER))]
Admin = Annotated[Membership, Depends(MemberWith(Role.ADMIN))]
Owner = Annotated[Membership, Depends(MemberWith(Role.OWNER))]


def organisation_of_member(member: Member) -> Organisation:
    """Return the organisation in the path, to any of its members."""
    return member.organisation


def organisation_of_admin(admin: Admin) -> Organisation:
    """Return the organisation in the path, to its admins and owners."""
    return admin.organisation


def visible_organisations(user: CurrentUser) -> ColumnElement[bool]:
    """Return the condition for organisations the caller may know of: their own."""
    own = select(Membership.organisation_id).where(Membership.user_id == user.id)
    return Organisation.id.in_(own)


def new_organisation(
    data: OrganisationCreate, user: CurrentUser, session: SessionDep
) -> Organisation:
    """Return the organisation the caller founds, to be stored, with the caller as its owner."""
    organisation = Organisation(name=data.name)
    session.add(Membership(organisation=organisation, user=user, role=Role.OWNER))
    return organisation


VisibleOrganisations = Annotated[ColumnElement[bool], Depends(visible_organisations)]
NewOrganisation = Annotated[Organisation, Depends(new_organisation)]
OrganisationToRead = Annotated[Organisation, Depends(organisation_of_member)]
OrganisationToEdit = Annotated[Organisation, Depends(organisation_of_member)]
OrganisationToManage = Annotated[Organisation, Depends(organisation_of_admin)]
