"""The members of an organisation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.access import Admin, Member, Owner
from app.database import SessionDep
from app.models import Membership
from app.pagination import Page, PageQuery
from app.repositories.memberships import MembershipRepository
from app.repositories.users import UserRepository
from app.schemas.common import PageRead
from app.schemas.members import MemberCreate, MemberRead, MemberUpdate
from app.services.members import MemberService

router = APIRouter(prefix="/organisations/{organisation_id}/members", tags=["members"])


def members_for(actor: Membership, session: SessionDep) -> MemberService:
    """Return the service for the members of the organisation `actor` belongs to."""
    memberships = MembershipRepository(session, actor.organisation_id)
    return MemberService(actor, memberships, UserRepository(session))


@router.get("", response_model=PageRead[MemberRead])
async def list_members(
    member: Member, query: Annotated[PageQuery, Query()], session: SessionDep
) -> Page[Membership]:
    """List the members."""
    return await members_for(member, session).page(query)


@router.post("", status_code=201, response_model=MemberRead)
async def add_member(admin: Admin, data: MemberCreate, session: SessionDep) -> Membership:
    """Add a user to the organisation."""
    return await members_for(admin, session).add(data.user_id, data.role)


@router.patch("/{user_id}", response_model=MemberRead)
async def change_role(
    owner: Owner, user_id: UUID, data: MemberUpdate, session: SessionDep
) -> Membership:
    """Give a member another role; 409 when the organisation would lose its last owner."""
    return await members_for(owner, session).change_role(user_id, data.role)


@router.delete("/{user_id}", status_code=204)
async def remove_member(member: Member, user_id: UUID, session: SessionDep) -> None:
    """Remove a member, or leave; 409 when the organisation would lose its last owner."""
    await members_for(member, session).remove(user_id)
