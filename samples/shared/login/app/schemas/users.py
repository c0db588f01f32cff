"""Users over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, EmailStr

Email = Annotated[EmailStr, AfterValidator(str.lower)]


class UserRead(BaseModel):
    """A user as they and their fellow members see them."""

    id: UUID
    email: str
