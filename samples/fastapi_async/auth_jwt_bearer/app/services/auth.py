"""Signing up, logging in, staying logged in, logging out."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.ext.asyncio import AsyncSession

from app import tokens
from app.config import settings
from app.errors import Conflict, Unauthorized
from app.models import RefreshSession, User
from app.models.base import utc_now
from app.passwords import DECOY_HASH, hash_password, verify_password
from app.repositories.sessions import RefreshSessionRepository
from app.repositories.users import UserRepository
from app.tokens import Claims, TokenKind

# How a client presents its access token (RFC 6750).
BEARER = "bearer"


@dataclass(frozen=True)
class Tokens:
    """What a client holds while it is logged in."""

    access_token: str
    refresh_token: str
    token_type: str = BEARER


class AuthService:
    """Knows users by their passwords, and sessions by their tokens."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.users = UserRepository(session)
        self.sessions = RefreshSessionRepository(session)

    async def signup(self, email: str, password: str) -> None:
        """Add a user. A known address changes nothing, and nothing tells the caller."""
        password_hash = await run_in_threadpool(hash_password, password)
        try:
            await self.users.add(User(email=email, password_hash=password_hash))
        except Conflict:
            await self.session.rollback()

    async def login(self, email: str, password: str) -> Tokens:
        """Start a session. Raises Unauthorized, alike for every reason to refuse."""
        user = await self.users.find_by_email(email)
        password_hash = user.password_hash if user else DECOY_HASH
        matches = await run_in_threadpool(verify_password, password, password_hash)
        if user is None or not matches or not user.is_active:
            raise Unauthorized("Wrong email address or password.")
        expires_at = utc_now() + timedelta(days=settings.refresh_token_days)
        return self._tokens(await self.sessions.start(user, expires_at))

    async def refresh(self, refresh_token: str) -> Tokens:
        """Trade a refresh token for a new pair. Raises Unauthorized.

        A token comes back a second time when it was stolen: thief and owner cannot be told
        apart, so that the session ends for both.
        """
        claims = tokens.read(TokenKind.REFRESH, refresh_token)
        refresh_session = await self.sessions.get_live(claims.session_id)
        expires_at = utc_now() + timedelta(days=settings.refresh_token_days)
        if not await self.sessions.rotate(refresh_session, claims.token_id, expires_at):
            await self.sessions.revoke(refresh_session)
            # The error rolls the request back; the session must stay revoked.
            await self.session.commit()
            raise Unauthorized("The session has ended.")
        return self._tokens(refresh_session)

    async def logout(self, refresh_session: RefreshSession) -> None:
        """End a session: its access tokens stop working at once."""
        await self.sessions.revoke(refresh_session)

    def _tokens(self, refresh_session: RefreshSession) -> Tokens:
        claims = Claims(refresh_session.id, refresh_session.token_id)
        access_until = utc_now() + timedelta(minutes=settings.access_token_minutes)
        return Tokens(
            access_token=tokens.issue(TokenKind.ACCESS, claims, access_until),
            refresh_token=tokens.issue(TokenKind.REFRESH, claims, refresh_session.expires_at),
        )
