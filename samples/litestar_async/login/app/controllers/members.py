"""The members of an organisation."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.authorization import AccessDep
from app.dependencies import SessionDep
from app.models import Role
from app.pagination import PageQuery
from app.schemas.common import PageRead
from app.schemas.members import MemberCreate, MemberRead, MemberUpdate
from app.services.members import MemberService
from app.validation import query


class MemberController(Controller):
    """The members of an organisation."""

    path = "/organisations/{organisation_id:uuid}/members"

    @get()
    async def page(
        self,
        organisation_id: FromPath[UUID],
        request: Request[Any, Any, Any],
        access: AccessDep,
        session: SessionDep,
    ) -> PageRead[MemberRead]:
        """List the members."""
        member = await access.member(organisation_id)
        page = await MemberService.of(member, session).page(query(PageQuery, request))
        return PageRead[MemberRead].of(page)

    @post()
    async def add(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[MemberCreate],
        access: AccessDep,
        session: SessionDep,
    ) -> MemberRead:
        """Add a user to the organisation."""
        admin = await access.member(organisation_id, Role.ADMIN)
        member = await MemberService.of(admin, session).add(data.user_id, data.role)
        return MemberRead.of(member)

    @patch("/{user_id:uuid}")
    async def change_role(
        self,
        organisation_id: FromPath[UUID],
        user_id: FromPath[UUID],
        data: JSONBody[MemberUpdate],
        access: AccessDep,
        session: SessionDep,
    ) -> MemberRead:
        """Give a member another role; 409 when the organisation would lose its last owner."""
        owner = await access.member(organisation_id, Role.OWNER)
        member = await MemberService.of(owner, session).change_role(user_id, data.role)
        return MemberRead.of(member)

    @delete("/{user_id:uuid}")
    async def remove(
        self,
        organisation_id: FromPath[UUID],
        user_id: FromPath[UUID],
        access: AccessDep,
        session: SessionDep,
    ) -> None:
        """Remove a member, or leave; 409 when the organisation would lose its last owner."""
        member = await access.member(organisation_id)
        await MemberService.of(member, session).remove(user_id)
