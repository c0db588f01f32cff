"""What sockets ask the database, in a thread, because a socket must not wait for another's answer.

Each question has a session of its own: the database has only so many connections, and a socket
may be open for long.
"""

import asyncio
from uuid import UUID

from app.access import Access
from app.database import session_factory
from app.handshake import Handshake
from app.models import User
from app.socket_user import socket_user


async def who_opens(handshake: Handshake) -> User:
    """Return the user that opens a socket. Raises Unauthorized."""
    return await asyncio.to_thread(_who_opens, handshake)


async def see_member(user: User, organisation_id: UUID) -> None:
    """See that a user is a member, who may have been removed since. Raises NotFound."""
    await asyncio.to_thread(_see_member, user, organisation_id)


def _who_opens(handshake: Handshake) -> User:
    with session_factory() as session:
        return socket_user(handshake, session)


def _see_member(user: User, organisation_id: UUID) -> None:
    with session_factory() as session:
        Access(session, user).member(organisation_id)
