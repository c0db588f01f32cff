"""Add the deletion of items

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-04 09:00:00

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    """Upgrade schema."""
    op.add_column("items", sa.Column("deleted_at", MOMENT, nullable=True))


def downgrade() -> None:
    """Downgrade schema."""
    # Without the mark they would come back to life.
    op.execute("DELETE FROM items WHERE deleted_at IS NOT NULL")
    # SQLite drops a column in place since 3.35; batch mode would copy the table, and lose its
    # CHECK constraints on the way.
    op.drop_column("items", "deleted_at")
