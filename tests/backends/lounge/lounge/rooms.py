from sqlalchemy import select

from lounge.db import sessions
from lounge.models import Guest, Member, Saying
from lounge.security import member_of


async def member_with(token: str) -> Member | None:
    async with sessions() as session:
        return await member_of(session, token)


async def may_enter(room: str, member_id: int) -> bool:
    async with sessions() as session:
        guest = select(Guest).where(Guest.room == room, Guest.member_id == member_id)
        return await session.scalar(guest) is not None


async def keep(room: str, member_id: int, text: str) -> int:
    async with sessions() as session:
        saying = Saying(room=room, member_id=member_id, text=text)
        session.add(saying)
        await session.commit()
        return saying.id


async def newest(room: str) -> str | None:
    async with sessions() as session:
        said = select(Saying.text).where(Saying.room == room).order_by(Saying.id.desc())
        return await session.scalar(said.limit(1))
