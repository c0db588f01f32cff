"""Histories with one fault each, and the check that has to report it."""

from __future__ import annotations

from tests.histories import Past, Step
from tests.histories.healthy import (
    AGE,
    AGE_MODEL,
    CONVENTION,
    NAME,
    NAME_MODEL,
    SHOP,
    SHOP_MODEL,
    USERS,
    USERS_MODEL,
)
from tests.histories.pairs import PAIRS

SERVERS = ("postgresql", "mysql")
POSTGRESQL = ("postgresql",)
MYSQL = ("mysql",)
SQLITE = ("sqlite",)

FILL_NAME = 'op.execute("UPDATE users SET name = left(email, 50)")'
FILL_AGE = Step('op.execute("UPDATE users SET age = 0 WHERE age IS NULL")', "pass")
LOWER = 'op.execute("UPDATE users SET email = lower(email)")'
BOTH = USERS_MODEL + SHOP_MODEL

_HISTORY = [
    Past(
        "two heads",
        [
            USERS,
            Step(AGE.upgrade, AGE.downgrade, ("0001",)),
            Step(NAME.upgrade, NAME.downgrade, ("0001",)),
        ],
        USERS_MODEL + AGE_MODEL + NAME_MODEL,
        "heads",
        "0002 and 0003 both follow 0001\n"
        '  Fix: join them with `alembic merge -m "Merge" 0002 0003`',
    ),
    Past("no revision at all", [], "", "heads", "the history has no revision yet"),
    Past(
        "a revision that does nothing",
        [USERS, Step("pass", "pass")],
        USERS_MODEL,
        "empty",
        "0002 (0002_step.py) does nothing",
    ),
    Past(
        "a revision without a description",
        [USERS, Step(AGE.upgrade, AGE.downgrade, doc="empty message")],
        USERS_MODEL + AGE_MODEL,
        "description",
        "0002 (0002_step.py) does not say what it does",
    ),
    Past(
        "a docstring that names another parent",
        [USERS, Step(AGE.upgrade, AGE.downgrade, said="beef")],
        USERS_MODEL + AGE_MODEL,
        "description",
        "says that it revises beef, but it follows 0001",
    ),
    Past(
        "a file that is called after another revision",
        [USERS, Step(AGE.upgrade, AGE.downgrade, revision="beef")],
        USERS_MODEL + AGE_MODEL,
        "name",
        "beef (0002_step.py) is not called as file_template says\n  Fix: call it beef_slug.py, ",
    ),
    Past(
        "an operation that only a script has",
        [
            USERS,
            Step(
                "from alembic import context\nif context.is_offline_mode():\n"
                """    op.execute("UPDATE users SET email = ''")""",
                "pass",
            ),
        ],
        USERS_MODEL,
        "offline",
        "0002 (0002_step.py) does from line 18 on what only `alembic upgrade --sql` writes",
    ),
    Past(
        "a revision that does nothing but for a script",
        [
            USERS,
            Step(
                "if not op.get_context().as_sql:\n    return\n"
                """op.execute("UPDATE users SET email = ''")""",
                "pass",
            ),
        ],
        USERS_MODEL,
        "offline",
        "0002 (0002_step.py) does from line 17 on what only `alembic upgrade --sql` writes",
    ),
    Past(
        "a revision that imports the models",
        [
            USERS,
            Step(
                "from {models} import users\nop.execute(users.update().values(email='a'))",
                "pass",
            ),
        ],
        USERS_MODEL,
        "models-import",
        "models change",
    ),
]

_HISTORY += [
    Past(
        f"a revision that reaches the models by {way}",
        [USERS, Step(f"{reach}\n{LOWER}", "pass")],
        USERS_MODEL + "def all_users(): return users.select()\n",
        "models-import",
        says,
        SQLITE,
    )
    for way, reach, says in (
        ("importlib", "import importlib\nimportlib.import_module('{models}').users", "imports"),
        ("a function that does", "from {models} import all_users\nall_users()", "all_users"),
        ("the metadata", "from {models} import metadata\nmetadata.tables", "metadata"),
        ("Alembic", "op.get_context().opts['target_metadata']", "imports target_metadata"),
    )
]

_DIRECTIONS = [
    Past(
        "an upgrade that fails",
        [USERS, Step('op.execute("ALTER TABLE nowhere ADD COLUMN a INTEGER")', "pass"), NAME],
        USERS_MODEL,
        "upgrade",
        "the upgrade of 0002 fails",
    ),
    Past(
        "an operation that SQLite has in batch mode only",
        [USERS, Step('op.alter_column("users", "email", nullable=True)', "pass")],
        USERS_MODEL,
        "upgrade",
        "write it in batch mode",
        SQLITE,
    ),
    Past(
        "a forgotten downgrade",
        [USERS, Step(AGE.upgrade, "pass")],
        USERS_MODEL + AGE_MODEL,
        "downgrade",
        "left over: column users.age",
    ),
    Past(
        "a downgrade that is not implemented",
        [USERS, Step(AGE.upgrade, "raise NotImplementedError"), NAME],
        USERS_MODEL + AGE_MODEL + NAME_MODEL,
        "downgrade",
        "the downgrade of 0002 fails: NotImplementedError",
    ),
    Past(
        "a downgrade that fails",
        [USERS, Step(AGE.upgrade, 'op.drop_column("users", "years")')],
        USERS_MODEL + AGE_MODEL,
        "downgrade",
        "the downgrade of 0002 fails",
    ),
    Past(
        "an enum type that the downgrade leaves behind",
        [
            Step(
                'op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),\n'
                '    sa.Column("state", sa.Enum("open", "done", name="task_state")))',
                'op.drop_table("tasks")',
            )
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done", name="task_state")))\n',
        "downgrade",
        "left over: enum task_state",
        POSTGRESQL,
    ),
    Past(
        "an enum value that the downgrade leaves behind",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", name="task_state")))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            ),
            Step("op.execute(\"ALTER TYPE task_state ADD VALUE 'done'\")", "pass"),
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done", name="task_state")))\n',
        "downgrade",
        "enum task_state is 'open', 'done'; should be 'open'",
        POSTGRESQL,
    ),
    Past(
        "an enum value that the downgrade leaves in the column",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open")))""",
                'op.drop_table("tasks")',
            ),
            Step(
                'op.alter_column("tasks", "state", type_=sa.Enum("open", "done"),'
                ' existing_type=sa.Enum("open"))',
                "pass",
            ),
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done")))\n',
        "downgrade",
        "column tasks.state is enum('open','done') NULL; should be enum('open') NULL",
        MYSQL,
    ),
    Past(
        "a view that the downgrade leaves behind",
        [USERS, Step('op.execute("CREATE VIEW mails AS SELECT email FROM users")', "pass")],
        USERS_MODEL,
        "downgrade",
        "left over: view mails",
    ),
    Past(
        "a trigger that the downgrade leaves behind",
        [
            USERS,
            Step(
                'op.execute("CREATE TRIGGER lowered AFTER INSERT ON users BEGIN'
                ' UPDATE users SET email = lower(email); END")',
                "pass",
            ),
        ],
        USERS_MODEL,
        "downgrade",
        "left over: trigger lowered on users",
        SQLITE,
    ),
    Past(
        "a downgrade that makes a column without its CHECK constraint",
        [
            USERS,
            SHOP,
            Step(
                'op.drop_constraint("ck_orders_total", "orders", type_="check")',
                "pass",
            ),
        ],
        BOTH.replace('    sa.CheckConstraint("total >= 0", name="ck_orders_total"),\n', ""),
        "downgrade",
        "missing:   check",
        SERVERS,
    ),
    Past(
        "a sequence that the downgrade leaves behind",
        [USERS, Step('op.execute("CREATE SEQUENCE invoice_numbers")', "pass")],
        USERS_MODEL,
        "downgrade",
        "left over: sequence invoice_numbers",
        POSTGRESQL,
    ),
    Past(
        "a downgrade that forgets an index",
        [
            USERS,
            AGE,
            Step(
                '# migration-ok PG101: small.\nop.create_index("ix_users_age", "users", ["age"])',
                "pass",
            ),
        ],
        USERS_MODEL + AGE_MODEL + 'sa.Index("ix_users_age", users.c.age)\n',
        "downgrade",
        "left over: index ix_users_age on users",
    ),
    Past(
        "a downgrade that makes a column without its default",
        [
            USERS,
            SHOP,
            Step(
                'op.alter_column("orders", "status", server_default=None,'
                " existing_type=sa.String(20), existing_nullable=False)",
                "pass",
            ),
        ],
        BOTH.replace(', server_default="new"', ""),
        "downgrade",
        "column orders.status",
        SERVERS,
    ),
    Past(
        "a batch operation that loses a CHECK constraint",
        [
            Step(
                'op.execute("CREATE TABLE users (id INTEGER PRIMARY KEY,'
                ' email VARCHAR(100) NOT NULL, age INTEGER CHECK (age > 0))")',
                'op.drop_table("users")',
            ),
            Step(
                'with op.batch_alter_table("users") as batch:\n'
                '    batch.add_column(sa.Column("name", sa.String(50)))\n'
                '    batch.alter_column("email", type_=sa.String(200))',
                'with op.batch_alter_table("users") as batch:\n'
                '    batch.drop_column("name")\n'
                '    batch.alter_column("email", type_=sa.String(100))',
            ),
        ],
        USERS_MODEL.replace("100", "200") + AGE_MODEL + NAME_MODEL,
        "downgrade",
        "missing:   check (age > 0) on users",
        SQLITE,
    ),
    Past(
        "a second upgrade that does something else",
        [
            USERS,
            Step(
                "import os, pathlib\n"
                "mark = pathlib.Path(__file__).with_suffix('.mark')\n"
                'column = "two" if mark.exists() else "one"\n'
                "mark.touch()\n"
                'op.add_column("users", sa.Column(column, sa.Integer))',
                'op.drop_column("users", "one")',
            ),
        ],
        USERS_MODEL + 'users.append_column(sa.Column("two", sa.Integer))\n',
        "downgrade",
        "the second upgrade of 0002 does something else than the first",
    ),
]


def _drift(name: str, migrated: Step, says: str, engines: tuple[str, ...] | None = None) -> Past:
    steps = [USERS, migrated]
    return (
        Past(name, steps, BOTH, "models", says)
        if engines is None
        else Past(name, steps, BOTH, "models", says, engines)
    )


def _other_shop(old: str, new: str) -> Step:
    assert old in SHOP.upgrade
    return Step(SHOP.upgrade.replace(old, new), SHOP.downgrade)


_MODELS = [
    _drift(
        "a column that the models have and the migrations do not",
        _other_shop('    sa.Column("paid_at", sa.DateTime),\n', "").__class__(
            SHOP.upgrade.replace('    sa.Column("paid_at", sa.DateTime),\n', "").partition("\nop.")[
                0
            ],
            SHOP.downgrade,
        ),
        "missing:   column orders.paid_at",
    ),
    _drift(
        "a CHECK constraint that the migrations lack",
        _other_shop('    sa.CheckConstraint("total >= 0", name="ck_orders_total"),\n', ""),
        "missing:   check",
    ),
    _drift(
        "a CHECK constraint with other values",
        _other_shop("IN ('new', 'paid')", "IN ('new', 'paid', 'lost')"),
        "lost",
    ),
    _drift(
        "a server default that has drifted",
        _other_shop('server_default="new"', 'server_default="paid"'),
        "column orders.status is",
    ),
    _drift(
        "a missing index",
        Step(SHOP.upgrade.partition("\nop.")[0], SHOP.downgrade),
        "missing:   index ix_orders_paid_at",
    ),
    _drift(
        "a column that may be empty and should not",
        _other_shop("sa.Numeric(10, 2), nullable=False", "sa.Numeric(10, 2)"),
        "column orders.total is",
    ),
    _drift(
        "another length of a column",
        _other_shop("sa.String(20)", "sa.String(30)"),
        "column orders.status is",
    ),
    _drift(
        "a foreign key that deletes nothing",
        _other_shop(', ondelete="CASCADE"', ""),
        "foreign key (user_id)",
    ),
    _drift(
        "a missing UNIQUE constraint",
        _other_shop(',\n    sa.UniqueConstraint("user_id", "status", name="uq_orders")', ""),
        "missing:   unique",
    ),
    Past(
        "an enum without a value of the models",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", name="task_state")))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            )
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done", name="task_state")))\n',
        "models",
        "enum task_state is 'open'; should be 'done', 'open'",
        POSTGRESQL,
    ),
    _drift(
        "a constraint of another name",
        _other_shop('name="ck_orders_total"', 'name="ck_total"'),
        "is called ck_total; the models call it ck_orders_total",
    ),
    Past(
        "a name that the convention of the models does not give",
        [
            Step(
                USERS.upgrade[:-1] + ',\n    sa.UniqueConstraint("email", name=op.f("email_key")))',
                USERS.downgrade,
            )
        ],
        CONVENTION + USERS_MODEL.replace("nullable=False)", "nullable=False, unique=True)"),
        "models",
        "unique (email) on users is called email_key; the models call it uq_users_email",
    ),
    Past(
        "an enum in another order than the models have it",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("done", "open", name="task_state")))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            )
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done", name="task_state")))\n',
        "models",
        "enum task_state is 'done', 'open'; should be 'open', 'done', in this order",
        POSTGRESQL,
    ),
    Past(
        "an index over another expression",
        [
            Step(
                USERS.upgrade + '\nop.create_index("ix_users", "users", [sa.text("upper(email)")])',
                USERS.downgrade,
            )
        ],
        USERS_MODEL + 'sa.Index("ix_users", sa.func.lower(users.c.email))\n',
        "models",
        "index ix_users on users is",
        ("sqlite", "postgresql"),
    ),
    Past(
        "an index with another condition",
        [
            Step(
                USERS.upgrade + '\nop.create_index("ix_users", "users", ["email"],'
                " sqlite_where=sa.text('id > 1'), postgresql_where=sa.text('id > 1'))",
                USERS.downgrade,
            )
        ],
        USERS_MODEL + 'sa.Index("ix_users", users.c.email,'
        " sqlite_where=users.c.id > 2, postgresql_where=users.c.id > 2)\n",
        "models",
        "index ix_users on users is",
        ("sqlite", "postgresql"),
    ),
    Past(
        "a computed column with another expression",
        [
            Step(
                USERS.upgrade[:-1] + ",\n"
                '    sa.Column("size", sa.Integer, sa.Computed("length(email)", persisted=True)))',
                USERS.downgrade,
            )
        ],
        USERS_MODEL
        + """
users.append_column(
    sa.Column("size", sa.Integer, sa.Computed("length(email) + 1", persisted=True)))
""",
        "models",
        "column users.size is",
    ),
    Past(
        "another collation of SQLite",
        [
            Step(
                USERS.upgrade.replace("sa.String(100)", 'sa.String(100, collation="NOCASE")'),
                USERS.downgrade,
            )
        ],
        USERS_MODEL,
        "models",
        "column users.email is VARCHAR(100) NOT NULL COLLATE NOCASE; should be",
        SQLITE,
    ),
    Past(
        "another collation of MySQL",
        [
            Step(
                USERS.upgrade.replace("sa.String(100)", 'sa.String(100, collation="utf8mb4_bin")'),
                USERS.downgrade,
            )
        ],
        USERS_MODEL,
        "models",
        "COLLATE utf8mb4_bin",
        MYSQL,
    ),
    Past(
        "another collation",
        [
            Step(
                USERS.upgrade.replace("sa.String(100)", 'sa.String(100, collation="C")'),
                USERS.downgrade,
            )
        ],
        USERS_MODEL,
        "models",
        "COLLATE C",
        POSTGRESQL,
    ),
    Past(
        "a comment that the migrations lack",
        [USERS],
        USERS_MODEL.replace("nullable=False", 'nullable=False, comment="Where to write"'),
        "models",
        "Where to write",
        SERVERS,
    ),
]

_ROWS = [
    Past(
        "values lost in a change of type",
        [
            Step(
                'op.create_table("bills", sa.Column("id", sa.Integer, primary_key=True),\n'
                '    sa.Column("total", sa.Numeric(10, 2), nullable=False))',
                'op.drop_table("bills")',
            ),
            Step(
                "# migration-ok PG103: small.\n"
                'with op.batch_alter_table("bills") as batch:\n'
                "    # migration-ok MY104: small.\n"
                '    batch.alter_column("total", type_=sa.Integer,'
                ' existing_nullable=False, postgresql_using="total::integer")',
                'with op.batch_alter_table("bills") as batch:\n'
                '    batch.alter_column("total", type_=sa.Numeric(10, 2), existing_nullable=False)',
            ),
        ],
        'sa.Table("bills", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("total", sa.Integer, nullable=False))\n',
        "rows",
        "the way up and down again of 0002 loses data of bills: total was",
    ),
    Past(
        "rows of children that go when their parents' table is rebuilt",
        [
            USERS,
            SHOP,
            Step(
                'with op.batch_alter_table("users") as batch:\n'
                '    batch.alter_column("email", type_=sa.String(200))',
                'with op.batch_alter_table("users") as batch:\n'
                '    batch.alter_column("email", type_=sa.String(100))',
            ),
        ],
        BOTH.replace("100", "200"),
        "rows",
        "loses data of orders: 3 of 3 rows are gone",
        SQLITE,
        env="""\
from alembic import context
from sqlalchemy import create_engine, event, pool

import {models}

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
event.listen(engine, "connect", lambda it, _: it.execute("PRAGMA foreign_keys = ON"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={models}.metadata)
    with context.begin_transaction():
        context.run_migrations()
""",
    ),
    Past(
        "an upgrade that only works without rows",
        [
            USERS,
            Step(
                'op.add_column("users", sa.Column("name", sa.String(50), nullable=False))',
                'op.drop_column("users", "name")',
            ),
        ],
        USERS_MODEL + NAME_MODEL.replace("String(50)", "String(50), nullable=False"),
        "rows",
        "It succeeds on tables without rows",
        POSTGRESQL,
    ),
    Past(
        "a data migration that does not do what is expected of it",
        [
            USERS,
            NAME,
            Step(
                'op.execute("UPDATE users SET name = email")',
                "op.execute('UPDATE users SET name = NULL')",
            ),
        ],
        USERS_MODEL + NAME_MODEL,
        "data",
        "after 0003 no row of users is\n    {'name': 'ada'}",
        files={
            "tests/migration_data.py": 'REVISIONS = {"0003": {\n'
            '    "before": {"users": [{"id": 1, "email": "ada@example.com"}]},\n'
            '    "after": {"users": [{"name": "ada"}]},\n'
            "}}\n"
        },
    ),
]

_DANGERS = [
    Past(
        "an index that stops all writers",
        [
            USERS,
            Step(
                'op.create_index("ix_users_email", "users", ["email"])',
                'op.drop_index("ix_users_email", table_name="users")',
            ),
        ],
        USERS_MODEL + 'sa.Index("ix_users_email", users.c.email)\n',
        "PG101",
        "PG101 in 0002_step.py:17: an index on users",
        POSTGRESQL,
    ),
    Past(
        "an ignore without a reason",
        [
            USERS,
            Step(
                'op.create_index("ix_users_email", "users", ["email"])  # migration-ok PG101',
                'op.drop_index("ix_users_email", table_name="users")',
            ),
        ],
        USERS_MODEL + 'sa.Index("ix_users_email", users.c.email)\n',
        "PG101",
        "or say why it is safe here",
        POSTGRESQL,
    ),
    Past(
        "NOT NULL without a validated check",
        [
            USERS,
            AGE,
            FILL_AGE,
            Step(
                'op.alter_column("users", "age", nullable=False)',
                'op.alter_column("users", "age", nullable=True)',
            ),
        ],
        USERS_MODEL + AGE_MODEL.replace("Integer)", "Integer, nullable=False)"),
        "PG102",
        "NOT NULL for users.age",
        POSTGRESQL,
    ),
    Past(
        "NOT NULL behind another change in one statement",
        [
            USERS,
            AGE,
            FILL_AGE,
            Step(
                'op.execute("ALTER TABLE users ADD COLUMN name varchar(50),'
                ' ALTER COLUMN age SET NOT NULL")',
                'op.execute("ALTER TABLE users DROP COLUMN name, ALTER COLUMN age DROP NOT NULL")',
            ),
        ],
        USERS_MODEL + NAME_MODEL + AGE_MODEL.replace("Integer)", "Integer, nullable=False)"),
        "PG102",
        "NOT NULL for users.age",
        POSTGRESQL,
    ),
    Past(
        "a type that rewrites the table",
        [
            USERS,
            AGE,
            Step(
                'op.alter_column("users", "age", type_=sa.BigInteger)',
                'op.alter_column("users", "age", type_=sa.Integer)',
            ),
        ],
        USERS_MODEL + AGE_MODEL.replace("Integer", "BigInteger"),
        "PG103",
        "the new type of users.age",
        POSTGRESQL,
    ),
    Past(
        "a default that rewrites the table",
        [
            USERS,
            Step(
                'op.add_column("users", sa.Column("key", sa.Uuid,'
                " server_default=sa.func.gen_random_uuid()))",
                'op.drop_column("users", "key")',
            ),
        ],
        USERS_MODEL + 'users.append_column(sa.Column("key", sa.Uuid,'
        " server_default=sa.func.gen_random_uuid()))\n",
        "PG104",
        "the new column users.key",
        POSTGRESQL,
    ),
    Past(
        "a constraint that checks every row",
        [
            USERS,
            AGE,
            Step(
                'op.create_check_constraint("ck_age", "users", "age > 0")',
                'op.drop_constraint("ck_age", "users", type_="check")',
            ),
        ],
        USERS_MODEL + AGE_MODEL + 'users.append_constraint(sa.CheckConstraint("age > 0"))\n',
        "PG105",
        "a constraint on users",
        POSTGRESQL,
    ),
    Past(
        "an enum value that is used by the transaction that adds it",
        [
            Step(
                """op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Enum("open", name="task_state")))""",
                'op.drop_table("tasks")\nop.execute("DROP TYPE task_state")',
            ),
            Step(
                "op.execute(\"ALTER TYPE task_state ADD VALUE 'done'\")\n"
                "op.execute(\"UPDATE tasks SET state = 'done'\")",
                "raise NotImplementedError",
            ),
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open", "done", name="task_state")))\n',
        "upgrade",
        "add the enum value in a revision of its own",
        POSTGRESQL,
        accepted="0002",
    ),
    Past(
        "rows changed beside DDL that commits",
        [
            USERS,
            Step("\n".join([NAME.upgrade, FILL_NAME]), NAME.downgrade),
        ],
        USERS_MODEL + NAME_MODEL,
        "MY101",
        "the change of rows of users",
        MYSQL,
    ),
    Past(
        "a column for which the server invents values",
        [
            USERS,
            Step(
                'op.add_column("users", sa.Column("name", sa.String(50), nullable=False))',
                'op.drop_column("users", "name")',
            ),
        ],
        USERS_MODEL + NAME_MODEL.replace("String(50)", "String(50), nullable=False"),
        "MY102",
        "the new column users.name",
        MYSQL,
    ),
    Past(
        "a column beside one with a default, for which the server invents values",
        [
            USERS,
            Step(
                'op.execute("ALTER TABLE users ADD COLUMN price decimal(5, 2) DEFAULT 0,'
                ' ADD COLUMN name varchar(50) NOT NULL")',
                'op.execute("ALTER TABLE users DROP COLUMN price, DROP COLUMN name")',
            ),
        ],
        USERS_MODEL
        + 'users.append_column(sa.Column("price", sa.Numeric(5, 2), server_default="0"))\n'
        + NAME_MODEL.replace("String(50)", "String(50), nullable=False"),
        "MY102",
        "the new column users.name",
        MYSQL,
    ),
    Past(
        "a value taken out of an enum",
        [
            Step(
                'op.create_table("tasks", sa.Column("id", sa.Integer, primary_key=True),\n'
                '    sa.Column("state", sa.Enum("open", "done"), nullable=False))',
                'op.drop_table("tasks")',
            ),
            Step("op.execute(\"UPDATE tasks SET state = 'open'\")", "pass"),
            Step(
                'op.alter_column("tasks", "state", type_=sa.Enum("open"),'
                ' existing_type=sa.Enum("open", "done"), existing_nullable=False)',
                'op.alter_column("tasks", "state", type_=sa.Enum("open", "done"),'
                ' existing_type=sa.Enum("open"), existing_nullable=False)',
            ),
        ],
        'sa.Table("tasks", metadata, sa.Column("id", sa.Integer, primary_key=True),\n'
        '    sa.Column("state", sa.Enum("open"), nullable=False))\n',
        "MY103",
        "the new type of tasks.state",
        MYSQL,
    ),
    Past(
        "a type that copies the table",
        [
            USERS,
            AGE,
            Step(
                'op.alter_column("users", "age", type_=sa.BigInteger, existing_type=sa.Integer)',
                'op.alter_column("users", "age", type_=sa.Integer, existing_type=sa.BigInteger)',
            ),
        ],
        USERS_MODEL + AGE_MODEL.replace("Integer", "BigInteger"),
        "MY104",
        "the new type of users.age",
        MYSQL,
    ),
    Past(
        "rows changed as far as they can be, beside DDL that commits",
        [
            USERS,
            Step(
                NAME.upgrade + "\n" + FILL_NAME.replace("UPDATE", "UPDATE IGNORE"),
                NAME.downgrade,
            ),
        ],
        USERS_MODEL + NAME_MODEL,
        "MY101",
        "the change of rows of users",
        MYSQL,
    ),
    Past(
        "a renamed column that is dropped and added",
        [
            USERS,
            NAME,
            Step(
                'op.add_column("users", sa.Column("nick", sa.String(50)))\n'
                'op.drop_column("users", "name")',
                'op.add_column("users", sa.Column("name", sa.String(50)))\n'
                'op.drop_column("users", "nick")',
            ),
        ],
        USERS_MODEL + NAME_MODEL.replace('"name"', '"nick"'),
        "DB102",
        "users.name",
    ),
]

FAULTY = [
    *_HISTORY,
    *_DIRECTIONS,
    *_MODELS,
    *_ROWS,
    *_DANGERS,
    *(pair.faulty() for pair in PAIRS),
]
