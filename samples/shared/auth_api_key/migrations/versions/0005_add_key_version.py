"""Add the version of a user's key

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-06 09:00:00

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Upgrade schema."""
    op.add_column(
        "users", sa.Column("key_version", sa.Integer(), nullable=False, server_default="1")
    )


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_column("users", "key_version")
