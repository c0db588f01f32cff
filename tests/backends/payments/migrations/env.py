from alembic import context
from sqlalchemy import create_engine

from payments import settings
from payments.database import Base

target_metadata = Base.metadata

with create_engine(settings.MIGRATIONS_URL).connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
