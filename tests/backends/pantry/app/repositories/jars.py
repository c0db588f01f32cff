from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Jar


class JarRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, keeper_id: int) -> list[Jar]:
        query = select(Jar).where(Jar.keeper_id == keeper_id).order_by(Jar.label)
        return list(await self.session.scalars(query))

    async def find(self, keeper_id: int, jar_id: int) -> Jar | None:
        return await self.session.scalar(
            select(Jar).where(Jar.id == jar_id, Jar.keeper_id == keeper_id)
        )

    async def add(self, jar: Jar) -> Jar:
        self.session.add(jar)
        await self.session.flush()
        return jar
