"""The members of an organisation, over HTTP."""

from uuid import UUID

from pydantic import BaseModel

from app.models import Role
from app.schemas.common import Shown
from app.schemas.users import UserRead


class MemberCreate(BaseModel):
    """A user to add. Users are named by id, for an address would tell whether it has an account."""

    user_id: UUID
    role: Role = Role.MEMBER


class MemberUpdate(BaseModel):
    """The new role of a member."""

    role: Role


class MemberRead(Shown):
    """A member as the others see them."""

    user: UserRead
    role: Role
