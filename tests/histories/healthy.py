"""Histories without a fault: the kit has nothing to say about them."""

from __future__ import annotations

from tests.histories import Past, Step
from tests.histories.pairs import PAIRS

USERS = Step(
    """op.create_table("users",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False))""",
    'op.drop_table("users")',
)
USERS_MODEL = """
users = sa.Table("users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False))
"""
AGE = Step('op.add_column("users", sa.Column("age", sa.Integer))', 'op.drop_column("users", "age")')
AGE_MODEL = """
users.append_column(sa.Column("age", sa.Integer))
"""
NAME = Step(
    'op.add_column("users", sa.Column("name", sa.String(50)))', 'op.drop_column("users", "name")'
)
NAME_MODEL = """
users.append_column(sa.Column("name", sa.String(50)))
"""
SHOP = Step(
    """op.create_table("orders",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default="new"),
    sa.Column("total", sa.Numeric(10, 2), nullable=False),
    sa.Column("paid_at", sa.DateTime),
    sa.CheckConstraint("total >= 0", name="ck_orders_total"),
    sa.CheckConstraint("status IN ('new', 'paid')", name="ck_orders_status"),
    sa.UniqueConstraint("user_id", "status", name="uq_orders"))
op.create_index("ix_orders_paid_at", "orders", ["paid_at"])""",
    'op.drop_table("orders")',
)
SHOP_MODEL = """
orders = sa.Table("orders", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default="new"),
    sa.Column("total", sa.Numeric(10, 2), nullable=False),
    sa.Column("paid_at", sa.DateTime, index=True),
    sa.CheckConstraint("total >= 0", name="ck_orders_total"),
    sa.CheckConstraint("status IN ('paid', 'new')", name="ck_orders_status"),
    sa.UniqueConstraint("user_id", "status"))
"""

CONVENTION = """
metadata = sa.MetaData(naming_convention={
    "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})
"""

_READ_COLUMNS = """sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Uuid, nullable=False), sa.Column("short", sa.CHAR(32), nullable=False),
    sa.Column("data", sa.JSON, nullable=False), sa.Column("email", sa.String(60), nullable=False),
    sa.Column("name", sa.String(40), nullable=False), sa.Column("lasts", sa.Interval)"""

HEALTHY = [
    Past(
        "a data migration that takes values apart in Python",
        [
            Step(f'op.create_table("people", {_READ_COLUMNS})', 'op.drop_table("people")'),
            Step(
                """import uuid
people = sa.table("people", sa.column("key", sa.Uuid), sa.column("data", sa.JSON),
    sa.column("short"), sa.column("email"), sa.column("name"))
for row in op.get_bind().execute(sa.select(people)).all():
    assert row.key.hex and uuid.UUID(row.short) and row.data.get("nothing") is None
    _, domain = row.email.split("@")
    first, last = row.name.split(" ")
op.execute("UPDATE people SET name = upper(name)")""",
                "pass",
            ),
        ],
        f'sa.Table("people", metadata, {_READ_COLUMNS})\n',
    ),
    *(pair.healthy() for pair in PAIRS),
    Past(
        "constraints that are called by the convention of the models",
        [
            Step(
                USERS.upgrade[:-1] + ',\n    sa.UniqueConstraint("email"))',
                USERS.downgrade,
            )
        ],
        CONVENTION + USERS_MODEL.replace("nullable=False)", "nullable=False, unique=True)"),
    ),
    Past(
        "a value that was added to an enum comes last, wherever the models have it",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", "done", name="task_state")))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            ),
            Step(
                "op.execute(\"ALTER TYPE task_state ADD VALUE 'begun'\")",
                "raise NotImplementedError",
            ),
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "begun", "done", name="task_state")))\n',
        engines=("postgresql",),
        accepted="0002",
    ),
    Past("linear", [USERS, AGE, NAME], USERS_MODEL + AGE_MODEL + NAME_MODEL),
    Past("constraints, a foreign key and defaults", [USERS, SHOP], USERS_MODEL + SHOP_MODEL),
    Past(
        "two branches that are merged",
        [
            USERS,
            Step(AGE.upgrade, AGE.downgrade, ("0001",)),
            Step(NAME.upgrade, NAME.downgrade, ("0001",)),
            Step("pass", "pass", ("0002", "0003"), "Merge"),
        ],
        USERS_MODEL + AGE_MODEL + NAME_MODEL,
    ),
    Past(
        "two branches with labels that stay apart",
        [
            USERS,
            Step(
                'op.create_table("reports", sa.Column("id", sa.Integer, primary_key=True))',
                'op.drop_table("reports")',
                (),
                labels=("reporting",),
            ),
            Step(AGE.upgrade, AGE.downgrade, ("0001",), labels=("main",)),
        ],
        USERS_MODEL
        + AGE_MODEL
        + 'sa.Table("reports", metadata, sa.Column("id", sa.Integer, primary_key=True))\n',
    ),
    Past(
        "a table is rebuilt in batch mode",
        [
            USERS,
            SHOP,
            Step(
                'with op.batch_alter_table("orders") as batch:\n'
                '    batch.alter_column("paid_at", new_column_name="settled_at")',
                'with op.batch_alter_table("orders") as batch:\n'
                '    batch.alter_column("settled_at", new_column_name="paid_at")',
            ),
        ],
        USERS_MODEL
        + SHOP_MODEL.replace('"paid_at", sa.DateTime, index=True', '"settled_at", sa.DateTime')
        + 'sa.Index("ix_orders_paid_at", orders.c.settled_at)\n',
        engines=("sqlite", "postgresql"),
    ),
    Past(
        "a data migration that says what it changes",
        [
            USERS,
            Step(
                'op.execute("UPDATE users SET email = lower(email)")',
                "pass",
            ),
        ],
        USERS_MODEL,
    ),
    Past(
        "a data migration that changes what it can",
        [USERS, Step('op.execute("UPDATE OR IGNORE users SET email = upper(email)")', "pass")],
        USERS_MODEL,
        engines=("sqlite",),
    ),
    Past(
        "data migrations in the words of MySQL",
        [
            USERS,
            Step('op.execute("UPDATE IGNORE users SET email = upper(email)")', "pass"),
            Step('op.execute("DELETE u FROM users u JOIN users o ON o.id = u.id")', "pass"),
        ],
        USERS_MODEL,
        engines=("mysql",),
    ),
    Past(
        "an enum, a comment, an index with an expression and a condition",
        [
            Step(
                """op.create_table("tasks",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", "done", name="task_state"), nullable=False),
    sa.Column("title", sa.String(80, collation="C"), nullable=False, comment="What to do"),
    sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    comment="Things to do")
op.create_index("ix_tasks_title", "tasks", [sa.text("lower(title)")],
    postgresql_where=sa.text("state = 'open'"))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            ),
        ],
        """
tasks = sa.Table("tasks", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", "done", name="task_state"), nullable=False),
    sa.Column("title", sa.String(80, collation="C"), nullable=False, comment="What to do"),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False,
        server_default=sa.text("CURRENT_TIMESTAMP")),
    comment="Things to do")
sa.Index("ix_tasks_title", sa.func.lower(tasks.c.title),
    postgresql_where=tasks.c.state == "open")
""",
        engines=("postgresql",),
    ),
    Past(
        "a downgrade that is declared not to lead back",
        [USERS, Step(AGE.upgrade, "raise NotImplementedError")],
        USERS_MODEL + AGE_MODEL,
        accepted="0002",
    ),
    Past(
        "an operation whose danger is answered for",
        [
            USERS,
            Step(
                "# migration-ok PG101: the table has ten rows.\n"
                'op.create_index("ix_users_email", "users", ["email"])',
                'op.drop_index("ix_users_email", table_name="users")',
            ),
        ],
        USERS_MODEL + 'sa.Index("ix_users_email", users.c.email)\n',
    ),
    Past(
        "an index that is built beside the traffic",
        [
            USERS,
            Step(
                "with op.get_context().autocommit_block():\n"
                '    op.create_index("ix_users_email", "users", ["email"],'
                " postgresql_concurrently=True)",
                "with op.get_context().autocommit_block():\n"
                '    op.drop_index("ix_users_email", table_name="users",'
                " postgresql_concurrently=True)",
            ),
            NAME,
        ],
        USERS_MODEL + NAME_MODEL + 'sa.Index("ix_users_email", users.c.email)\n',
        engines=("postgresql",),
    ),
    Past(
        "a beginning that only marks what was there before",
        [Step("pass", "pass", doc="Mark the schema there is"), USERS],
        USERS_MODEL,
    ),
    Past(
        "rows that a script has to do without, or changes in another way",
        [
            USERS,
            Step(
                "from alembic import context\nif not context.is_offline_mode():\n"
                '    op.execute("UPDATE users SET email = lower(email)")',
                "pass",
            ),
            Step(
                "from alembic import context\nif context.is_offline_mode():\n"
                '    op.execute("UPDATE users SET email = lower(email)")\n    return\n'
                'op.execute("UPDATE users SET email = upper(email)")',
                "from alembic import context\nif context.is_offline_mode():\n"
                '    print("-- not undone")\nelse:\n'
                '    op.execute("UPDATE users SET email = lower(email)")',
            ),
        ],
        USERS_MODEL,
    ),
    Past(
        "an index that is there already",
        [
            Step(
                USERS.upgrade + '\nop.create_index("ix_users_email", "users", ["email"])',
                USERS.downgrade,
            ),
            Step(
                'op.create_index("ix_users_email", "users", ["email"], if_not_exists=True)\n'
                'op.execute("UPDATE users SET email = lower(email)")',
                "pass",
            ),
        ],
        USERS_MODEL + 'sa.Index("ix_users_email", users.c.email)\n',
        engines=("sqlite", "postgresql"),
    ),
]
