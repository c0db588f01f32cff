"""Who opens a socket: browsers send cookies with it, but not from other sites (SameSite)."""

from sqlalchemy.orm import Session

from app.credentials import ACCESS_COOKIE
from app.handshake import Handshake
from app.models import User
from app.services.sessions import SessionService


def socket_user(handshake: Handshake, session: Session) -> User:
    """Return the user whose access token is in the cookie. Raises Unauthorized."""
    token = handshake.cookies.get(ACCESS_COOKIE, "")
    return (SessionService(session).login_of(token)).user
