"""Who opens a socket: browsers send no headers with it, so the token is in the address."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.handshake import Handshake
from app.models import User
from app.services.sessions import SessionService


async def socket_user(handshake: Handshake, session: AsyncSession) -> User:
    """Return the user whose access token is the parameter `token`. Raises Unauthorized."""
    token = handshake.query_params.get("token", "")
    return (await SessionService(session).login_of(token)).user
