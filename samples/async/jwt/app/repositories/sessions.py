"""Refresh sessions in the database."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.errors import Unauthorized
from app.models import RefreshSession, User
from app.models.base import utc_now
from app.tokens import Claims


class RefreshSessionRepository:
    """Reads and writes refresh sessions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def start(self, user: User, expires_at: datetime) -> RefreshSession:
        """Store a new session of `user`."""
        refresh_session = RefreshSession(user=user, expires_at=expires_at)
        self.session.add(refresh_session)
        await self.session.flush()
        return refresh_session

    async def get_live(self, claims: Claims) -> RefreshSession:
        """Return the session of a refresh token, with its user.

        Raises Unauthorized when it is unknown, revoked or expired, when the user is inactive or
        has another password by now.
        """
        statement = (
            select(RefreshSession)
            .join(RefreshSession.user)
            .options(contains_eager(RefreshSession.user))
            .where(
                RefreshSession.id == claims.session_id,
                RefreshSession.revoked_at.is_(None),
                RefreshSession.expires_at > utc_now(),
                User.password_version == claims.password_version,
                User.is_active,
            )
        )
        refresh_session: RefreshSession | None = await self.session.scalar(statement)
        if refresh_session is None:
            raise Unauthorized("The session has ended.")
        return refresh_session

    async def user_of(self, claims: Claims) -> User:
        """Return the user of an access token.

        The token itself says that the session was begun; here it is asked whether it is over.
        Raises Unauthorized when it is, when the user is unknown, inactive, or has another
        password by now.
        """
        revoked = (
            select(RefreshSession.id)
            .where(RefreshSession.id == claims.session_id, RefreshSession.revoked_at.is_not(None))
            .exists()
        )
        user: User | None = await self.session.scalar(
            select(User).where(
                User.id == claims.user_id,
                User.password_version == claims.password_version,
                User.is_active,
                ~revoked,
            )
        )
        if user is None:
            raise Unauthorized("The session has ended.")
        return user

    async def rotate(
        self, refresh_session: RefreshSession, used_token: UUID, expires_at: datetime
    ) -> bool:
        """Replace the session's refresh token by a new one and extend the session.

        Return False, and change nothing, when `used_token` is not the current one. Comparing
        and replacing is one statement: of two simultaneous requests only one succeeds.
        """
        next_token = uuid4()
        statement = (
            update(RefreshSession)
            .where(RefreshSession.id == refresh_session.id, RefreshSession.token_id == used_token)
            .values(token_id=next_token, expires_at=expires_at)
        )
        await self.session.execute(statement)
        await self.session.refresh(refresh_session, ["token_id", "expires_at"])
        return refresh_session.token_id == next_token

    async def revoke(self, session_id: UUID) -> None:
        """End a session: none of its tokens is accepted any more."""
        await self.session.execute(
            update(RefreshSession)
            .where(RefreshSession.id == session_id)
            .values(revoked_at=utc_now())
        )
