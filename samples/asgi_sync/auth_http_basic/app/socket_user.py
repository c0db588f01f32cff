"""Who opens a socket: programs send headers with it as with every request."""

from sqlalchemy.orm import Session

from app.credentials import name_and_password
from app.errors import Unauthorized
from app.handshake import Handshake
from app.models import User
from app.services.accounts import AccountService


def socket_user(handshake: Handshake, session: Session) -> User:
    """Return the user whose password is in the header. Raises Unauthorized."""
    shown = name_and_password(handshake.headers.get("Authorization", ""))
    if shown is None:
        raise Unauthorized("You are not logged in.")
    email, password = shown
    return AccountService(session).authenticate(email.lower(), password)
