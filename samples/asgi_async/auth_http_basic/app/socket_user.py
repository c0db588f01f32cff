"""Who opens a socket: programs send headers with it as with every request."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.credentials import name_and_password
from app.errors import Unauthorized
from app.handshake import Handshake
from app.models import User
from app.services.accounts import AccountService


async def socket_user(handshake: Handshake, session: AsyncSession) -> User:
    """Return the user whose password is in the header. Raises Unauthorized."""
    shown = name_and_password(handshake.headers.get("Authorization", ""))
    if shown is None:
        raise Unauthorized("You are not logged in.")
    email, password = shown
    return await AccountService(session).authenticate(email.lower(), password)
