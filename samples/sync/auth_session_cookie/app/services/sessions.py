"""Staying logged in: what a browser holds and gives up."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.config import settings
from app.models import Login, User
from app.models.base import utc_now
from app.repositories.logins import LoginRepository


class SessionService:
    """Knows logins by their secrets."""

    def __init__(self, session: Session) -> None:
        self.logins = LoginRepository(session)

    def start(self, user: User) -> str:
        """Start a session, and return its secret, which is always a new one.

        A secret that was there before the login could have been planted (session fixation).
        """
        return self.logins.add(user, utc_now() + timedelta(days=settings.session_days))

    def login_of(self, secret: str) -> Login:
        """Return who shows a secret. Raises Unauthorized."""
        return self.logins.get_live(secret)

    def end(self, login: Login) -> None:
        """End a session: its secret stops working at once."""
        self.logins.remove(login)
