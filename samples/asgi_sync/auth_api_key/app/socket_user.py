"""Who opens a socket: programs send headers with it as with every request."""

from sqlalchemy.orm import Session

from app.credentials import API_KEY_HEADER
from app.handshake import Handshake
from app.models import User
from app.services.keys import KeyService


def socket_user(handshake: Handshake, session: Session) -> User:
    """Return the user whose key is in the header. Raises Unauthorized."""
    return KeyService(session).user_of(handshake.headers.get(API_KEY_HEADER, ""))
