"""Failed logins in the database."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import FailedLogin


class FailedLoginRepository:
    """Remembers the failed logins of an address."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, email: str) -> None:
        """Remember that a login failed now."""
        self.session.add(FailedLogin(email=email))
        await self.session.flush()

    async def count(self, email: str, since: datetime) -> int:
        """Return how many logins have failed since a moment."""
        statement = select(func.count()).where(
            FailedLogin.email == email, FailedLogin.failed_at > since
        )
        return await self.session.scalar(statement) or 0

    async def forget(self, email: str) -> None:
        """Forget all failed logins of an address."""
        await self.session.execute(delete(FailedLogin).where(FailedLogin.email == email))
