from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from payments import settings

engines = {
    "writer": create_async_engine(settings.WRITER_URL),
    "reader": create_async_engine(settings.READER_URL),
}
Session = async_sessionmaker(engines["writer"], expire_on_commit=False)


class Base(MappedAsDataclass, DeclarativeBase):
    pass


async def new_async_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session
