"""The members of an organisation."""

from uuid import UUID

from flask import Blueprint

from app.authorization import access
from app.database import db
from app.exchange import Answer, answer, body, no_content, query
from app.models import Role
from app.pagination import PageQuery
from app.schemas.common import PageRead
from app.schemas.members import MemberCreate, MemberRead, MemberUpdate
from app.services.members import MemberService

members = Blueprint("members", __name__, url_prefix="/organisations/<uuid:organisation_id>/members")


@members.get("")
def list_members(organisation_id: UUID) -> Answer:
    """List the members."""
    member = access().member(organisation_id)
    page = MemberService.of(member, db.session()).page(query(PageQuery))
    return answer(PageRead[MemberRead].of(page))


@members.post("")
def add_member(organisation_id: UUID) -> Answer:
    """Add a user to the organisation."""
    admin = access().member(organisation_id, Role.ADMIN)
    data = body(MemberCreate)
    member = MemberService.of(admin, db.session()).add(data.user_id, data.role)
    return answer(MemberRead.of(member), 201)


@members.patch("/<uuid:user_id>")
def change_role(organisation_id: UUID, user_id: UUID) -> Answer:
    """Give a member another role; 409 when the organisation would lose its last owner."""
    owner = access().member(organisation_id, Role.OWNER)
    role = body(MemberUpdate).role
    return answer(MemberRead.of(MemberService.of(owner, db.session()).change_role(user_id, role)))


@members.delete("/<uuid:user_id>")
def remove_member(organisation_id: UUID, user_id: UUID) -> Answer:
    """Remove a member, or leave; 409 when the organisation would lose its last owner."""
    member = access().member(organisation_id)
    MemberService.of(member, db.session()).remove(user_id)
    return no_content()
