"""Staying logged in: what a browser holds and gives up."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.models import Login, User
from app.models.base import utc_now
from app.repositories.logins import LoginRepository


class SessionService:
    """Knows logins by their secrets."""

    def __init__(self, session: AsyncSession) -> None:
        self.logins = LoginRepository(session)

    async def start(self, user: User) -> str:
        """Start a session, and return its secret, which is always a new one.

        A secret that was there before the login could have been planted (session fixation).
        """
        return await self.logins.add(user, utc_now() + timedelta(days=settings.session_days))

    async def login_of(self, secret: str) -> Login:
        """Return who shows a secret. Raises Unauthorized."""
        return await self.logins.get_live(secret)

    async def end(self, login: Login) -> None:
        """End a session: its secret stops working at once."""
        await self.logins.remove(login)
