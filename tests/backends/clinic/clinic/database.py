from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.requests import Request


def make_sessions(url):
    return async_sessionmaker(create_async_engine(url), expire_on_commit=False)


def get_db(request: Request) -> AsyncSession:
    return request.state.db
