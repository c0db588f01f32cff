"""Who opens a socket: browsers send cookies with it, but not from other sites (SameSite)."""

from sqlalchemy.orm import Session

from app.credentials import SESSION_COOKIE
from app.handshake import Handshake
from app.models import User
from app.services.sessions import SessionService


def socket_user(handshake: Handshake, session: Session) -> User:
    """Return the user whose session is in the cookie. Raises Unauthorized."""
    secret = handshake.cookies.get(SESSION_COOKIE, "")
    return (SessionService(session).login_of(secret)).user
