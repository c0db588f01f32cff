"""The members of an organisation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.models import Membership, Role
from app.pagination import Page, PageQuery
from app.schemas.common import PageRead
from app.schemas.members import MemberCreate, MemberRead, MemberUpdate
from app.services.members import MemberService

router = APIRouter(prefix="/organisations/{organisation_id}/members", tags=["members"])


@router.get("", response_model=PageRead[MemberRead])
async def list_members(
    organisation_id: UUID,
    query: Annotated[PageQuery, Query()],
    access: AccessDep,
    session: SessionDep,
) -> Page[Membership]:
    """List the members."""
    member = await access.member(organisation_id)
    return await MemberService.of(member, session).page(query)


@router.post("", status_code=201, response_model=MemberRead)
async def add_member(
    organisation_id: UUID, data: MemberCreate, access: AccessDep, session: SessionDep
) -> Membership:
    """Add a user to the organisation."""
    admin = await access.member(organisation_id, Role.ADMIN)
    return await MemberService.of(admin, session).add(data.user_id, data.role)


@router.patch("/{user_id}", response_model=MemberRead)
async def change_role(
    organisation_id: UUID,
    user_id: UUID,
    data: MemberUpdate,
    access: AccessDep,
    session: SessionDep,
) -> Membership:
    """Give a member another role; 409 when the organisation would lose its last owner."""
    owner = await access.member(organisation_id, Role.OWNER)
    return await MemberService.of(owner, session).change_role(user_id, data.role)


@router.delete("/{user_id}", status_code=204)
async def remove_member(
    organisation_id: UUID, user_id: UUID, access: AccessDep, session: SessionDep
) -> None:
    """Remove a member, or leave; 409 when the organisation would lose its last owner."""
    member = await access.member(organisation_id)
    await MemberService.of(member, session).remove(user_id)
