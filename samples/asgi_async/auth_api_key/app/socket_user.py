"""Who opens a socket: programs send headers with it as with every request."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.credentials import API_KEY_HEADER
from app.handshake import Handshake
from app.models import User
from app.services.keys import KeyService


async def socket_user(handshake: Handshake, session: AsyncSession) -> User:
    """Return the user whose key is in the header. Raises Unauthorized."""
    return await KeyService(session).user_of(handshake.headers.get(API_KEY_HEADER, ""))
