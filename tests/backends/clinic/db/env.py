from alembic import context

from clinic.mapping import mapper_registry

target_metadata = mapper_registry.metadata
context.configure(target_metadata=target_metadata)
