"""Berths, vessels and bookings."""

import sqlalchemy as sa
from alembic import op

revision = "a86d0e52f713"
down_revision = "3f1c9a7be204"


def upgrade() -> None:
    op.create_table(
        "berths",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("length_m", sa.Integer(), nullable=False),
        sa.CheckConstraint("length_m > 0", name=op.f("ck_berths_length")),
        sa.PrimaryKeyConstraint("id", name="pk_berths"),
        sa.UniqueConstraint("code", name="uq_berths_code"),
    )
    op.create_table(
        "vessels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("registration", sa.String(20), nullable=False),
        sa.Column("length_m", sa.Integer(), nullable=False),
        sa.CheckConstraint("length_m > 0", name=op.f("ck_vessels_length")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_vessels_owner_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_vessels"),
        sa.UniqueConstraint("registration", name="uq_vessels_registration"),
    )
    op.create_index("ix_vessels_owner_id", "vessels", ["owner_id"])
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vessel_id", sa.Integer(), nullable=False),
        sa.Column("berth_id", sa.Integer(), nullable=False),
        sa.Column("arrives", sa.Date(), nullable=False),
        sa.Column("leaves", sa.Date(), nullable=False),
        sa.CheckConstraint("leaves > arrives", name=op.f("ck_bookings_period")),
        sa.ForeignKeyConstraint(
            ["vessel_id"], ["vessels.id"], name="fk_bookings_vessel_id_vessels", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["berth_id"], ["berths.id"], name="fk_bookings_berth_id_berths"),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
    )
    op.create_index("ix_bookings_vessel_id", "bookings", ["vessel_id"])
    op.create_index("ix_bookings_berth_id", "bookings", ["berth_id"])


def downgrade() -> None:
    op.drop_table("bookings")
    op.drop_table("vessels")
    op.drop_table("berths")
