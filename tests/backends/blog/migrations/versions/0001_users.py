import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "user",
        sa.Column("id", number, primary_key=True),
        sa.Column("username", sa.String(64)),
        sa.Column("email", sa.String(120), unique=True),
        sa.Column("password_hash", sa.String(256)),
        sa.Column("token", sa.String(32), unique=True),
        sa.Column("created_at", sa.DateTime()),
    )
    op.create_index("ix_user_username", "user", ["username"], unique=True)
    op.create_table(
        "post",
        sa.Column("id", number, primary_key=True),
        sa.Column("title", sa.String(140)),
        sa.Column("author_id", number, sa.ForeignKey("user.id")),
        sa.Column("created_at", sa.DateTime()),
    )


def downgrade():
    op.drop_table("post")
    op.drop_table("user")
