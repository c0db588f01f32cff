"""Users in the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.models import User


class UserRepository:
    """Reads and writes users."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, user: User) -> User:
        """Store a new user. Raises Conflict when the address has an account."""
        self.session.add(user)
        try:
            self.session.flush()
        except IntegrityError as error:
            raise Conflict("The address has an account.") from error
        return user

    def get(self, user_id: UUID) -> User:
        """Return a user. Raises NotFound."""
        user = self.session.get(User, user_id)
        if user is None:
            raise NotFound("No such user.")
        return user

    def find_by_email(self, email: str) -> User | None:
        """Return the user with this address, if there is one."""
        user: User | None = self.session.scalar(select(User).where(User.email == email))
        return user
