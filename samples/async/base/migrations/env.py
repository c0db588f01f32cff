"""Alembic's entry: which database to migrate, and to which models."""

import asyncio
from logging.config import fileConfig
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.config import settings
from app.models import Base

config = context.config

if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

target_metadata = Base.metadata


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> Literal[False]:
    """Have a revision that is generated import what a column type of the application lies in."""
    module = type(item).__module__
    if kind == "type" and module.startswith("app."):
        autogen_context.imports.add(f"import {module}")
    return False


def run_migrations_offline() -> None:
    """Write the migrations as SQL, without a database."""
    context.configure(
        url=settings.database_url,
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        render_as_batch=True,
    )

    with context.begin_transaction():
        context.run_migrations()


def do_run_migrations(connection: Connection) -> None:
    """Run the migrations on `connection`."""
    # SQLite cannot alter most of a table in place: new revisions are written in batch mode.
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        render_as_batch=True,
        render_item=render_item,
    )

    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations() -> None:
    """Connect, and run the migrations."""
    # Not the application's engine: that one enforces foreign keys on SQLite, and a batch
    # operation drops the table it replaces.
    engine = create_async_engine(settings.database_url, poolclass=pool.NullPool)

    async with engine.connect() as connection:
        await connection.run_sync(do_run_migrations)

    await engine.dispose()


if context.is_offline_mode():
    run_migrations_offline()
else:
    asyncio.run(run_async_migrations())
