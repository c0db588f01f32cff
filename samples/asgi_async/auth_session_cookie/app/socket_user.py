"""Who opens a socket: browsers send cookies with it, but not from other sites (SameSite)."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.credentials import SESSION_COOKIE
from app.handshake import Handshake
from app.models import User
from app.services.sessions import SessionService


async def socket_user(handshake: Handshake, session: AsyncSession) -> User:
    """Return the user whose session is in the cookie. Raises Unauthorized."""
    secret = handshake.cookies.get(SESSION_COOKIE, "")
    return (await SessionService(session).login_of(secret)).user
