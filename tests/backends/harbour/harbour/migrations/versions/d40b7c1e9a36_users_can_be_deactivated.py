"""Users can be deactivated."""

import sqlalchemy as sa
from alembic import op

revision = "d40b7c1e9a36"
down_revision = "a86d0e52f713"


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.alter_column("users", "is_active", server_default=None)


def downgrade() -> None:
    op.drop_column("users", "is_active")
