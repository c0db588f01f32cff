import asyncio

from advanced_alchemy.base import orm_registry
from alembic import context

config = context.config


def run_migrations(connection) -> None:
    context.configure(connection=connection, target_metadata=orm_registry.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_migrations_online() -> None:
    if config.engine is None:
        raise RuntimeError(f"there is no engine for {config.db_url}")
    async with config.engine.connect() as connection:
        await connection.run_sync(run_migrations)
    await config.engine.dispose()


asyncio.run(run_migrations_online())
