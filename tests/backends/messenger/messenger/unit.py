from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from messenger.config import DSN


class UnitOfWork:
    session: AsyncSession

    def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
        self.factory = factory

    async def __aenter__(self) -> "UnitOfWork":
        self.session = self.factory()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.session.close()


factory = async_sessionmaker(create_async_engine(DSN), expire_on_commit=False)
