"""Users over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr

from app.schemas.common import Shown

Email = Annotated[EmailStr, AfterValidator(str.lower)]


class UserRead(Shown):
    """A user as they and their fellow members see them."""

    id: UUID
    email: str
