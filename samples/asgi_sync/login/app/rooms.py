"""Rooms, one for each organisation, in which its members talk while they are connected.

They are kept in memory: with more than one process, those of each know nothing of the others.
"""

from collections import defaultdict
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from app.errors import DomainError
from app.models import User
from app.sockets import see_member


class Connection(Protocol):
    """A client's open socket, whichever framework it comes from."""

    async def send_json(self, data: Any) -> None:
        """Send a message."""


class Message(BaseModel):
    """What a client sends."""

    action: Literal["join", "leave", "say"]
    organisation_id: UUID
    text: str = Field(default="", max_length=1000)


class Rooms:
    """Knows who is where, and passes on what they say."""

    def __init__(self) -> None:
        self._present: dict[UUID, dict[Connection, User]] = defaultdict(dict)

    async def receive(self, connection: Connection, user: User, text: str) -> None:
        """Do what a message of `user` asks for, or answer why not."""
        try:
            message = Message.model_validate_json(text)
            await see_member(user, message.organisation_id)
        except ValidationError:
            await connection.send_json({"error": "This is no message."})
        except DomainError as error:
            await connection.send_json({"error": error.detail})
        else:
            await self._do(connection, user, message)

    async def leave_all(self, connection: Connection) -> None:
        """Take a client that is gone out of every room."""
        for room, present in self._present.items():
            if present.pop(connection, None):
                await self._tell(room, {"present": self._names(room)})

    async def _do(self, connection: Connection, user: User, message: Message) -> None:
        room = message.organisation_id
        present = self._present[room]
        if message.action == "say":
            if connection not in present:
                await connection.send_json({"error": "Join first."})
                return
            await self._tell(room, {"from": user.email, "text": message.text})
            return
        if message.action == "join":
            present[connection] = user
        else:
            present.pop(connection, None)
        await self._tell(room, {"present": self._names(room)})

    async def _tell(self, room: UUID, content: dict[str, Any]) -> None:
        for connection in list(self._present[room]):
            await connection.send_json({"organisation_id": str(room), **content})

    def _names(self, room: UUID) -> list[str]:
        return sorted({user.email for user in self._present[room].values()})


rooms = Rooms()
