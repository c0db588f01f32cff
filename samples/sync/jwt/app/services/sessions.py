"""Staying logged in: what a client holds, trades and gives up."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app import tokens
from app.config import settings
from app.errors import Unauthorized
from app.models import RefreshSession, User
from app.models.base import utc_now
from app.repositories.sessions import RefreshSessionRepository
from app.tokens import Claims, TokenKind


@dataclass(frozen=True)
class Tokens:
    """What a client holds while it is logged in."""

    access_token: str
    refresh_token: str


@dataclass(frozen=True)
class Login:
    """Who sends a request, and in which session."""

    user: User
    session_id: UUID


class SessionService:
    """Knows sessions by their tokens."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sessions = RefreshSessionRepository(session)

    def start(self, user: User) -> Tokens:
        """Start a session."""
        expires_at = utc_now() + timedelta(days=settings.session_days)
        return self._tokens(self.sessions.start(user, expires_at))

    def login_of(self, access_token: str) -> Login:
        """Return who shows an access token. Raises Unauthorized.

        A token outlives the end of its session; therefore the session is looked up each time.
        """
        claims = tokens.read(TokenKind.ACCESS, access_token)
        return Login(self.sessions.user_of(claims), claims.session_id)

    def refresh(self, refresh_token: str) -> Tokens:
        """Trade a refresh token for a new pair. Raises Unauthorized.

        A token comes back a second time when it was stolen: thief and owner cannot be told
        apart, so that the session ends for both.
        """
        claims = tokens.read(TokenKind.REFRESH, refresh_token)
        refresh_session = self.sessions.get_live(claims)
        expires_at = utc_now() + timedelta(days=settings.session_days)
        if not self.sessions.rotate(refresh_session, claims.token_id, expires_at):
            self.sessions.revoke(refresh_session.id)
            # The error rolls the request back; the session must stay revoked.
            self.session.commit()
            raise Unauthorized("The session has ended.")
        return self._tokens(refresh_session)

    def end(self, login: Login) -> None:
        """End a session: its access tokens stop working at once."""
        self.sessions.revoke(login.session_id)

    def _tokens(self, refresh_session: RefreshSession) -> Tokens:
        claims = Claims(
            user_id=refresh_session.user_id,
            password_version=refresh_session.user.password_version,
            session_id=refresh_session.id,
            token_id=refresh_session.token_id,
        )
        access_until = utc_now() + timedelta(minutes=settings.access_token_minutes)
        return Tokens(
            access_token=tokens.issue(TokenKind.ACCESS, claims, access_until),
            refresh_token=tokens.issue(TokenKind.REFRESH, claims, refresh_session.expires_at),
        )
