"""Users in the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Conflict, NotFound
from app.models import User


class UserRepository:
    """Reads and writes users."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, user: User) -> User:
        """Store a new user. Raises Conflict when the address has an account."""
        self.session.add(user)
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise Conflict("The address has an account.") from error
        return user

    async def get(self, user_id: UUID) -> User:
        """Return a user. Raises NotFound."""
        user = await self.session.get(User, user_id)
        if user is None:
            raise NotFound("No such user.")
        return user

    async def find_by_email(self, email: str) -> User | None:
        """Return the user with this address, if there is one."""
        user: User | None = await self.session.scalar(select(User).where(User.email == email))
        return user
