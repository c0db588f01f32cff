"""What sockets ask the database.

Each question has a session of its own: the database has only so many connections, and a socket
may be open for long.
"""

from uuid import UUID

from app.access import Access
from app.database import session_factory
from app.handshake import Handshake
from app.models import User
from app.socket_user import socket_user


async def who_opens(handshake: Handshake) -> User:
    """Return the user that opens a socket. Raises Unauthorized."""
    async with session_factory() as session:
        return await socket_user(handshake, session)


async def see_member(user: User, organisation_id: UUID) -> None:
    """See that a user is a member, who may have been removed since. Raises NotFound."""
    async with session_factory() as session:
        await Access(session, user).member(organisation_id)
