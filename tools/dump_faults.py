"""Faults in models that stand beside a dump of the real schema: each difference has to be named."""

from __future__ import annotations

from tools.fault import Fault

CELL = "schema-dump"
CHECK = "tests/checks/test_schema_dump.py::test_the_models_match_the_dump"

PROJECT = {
    "models.py": """\
import sqlalchemy as sa

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False),
    sa.Column("state", sa.String(10), nullable=False, server_default="new"),
    sa.CheckConstraint("state IN ('new', 'old')"),
    sa.Index("ix_users_email", "email"),
)
""",
    "schema.sql": """\
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(100) NOT NULL,
    state VARCHAR(10) DEFAULT 'new' NOT NULL,
    CHECK (state IN ('old', 'new'))
);
CREATE INDEX ix_users_email ON users (email);
""",
}

DUMP_FAULTS = [
    Fault("schema dump", what, CELL, file, old, new, CHECK, because)
    for what, file, old, new, because in (
        (
            "a column is shorter than in the real database",
            "models.py",
            "sa.String(100)",
            "sa.String(50)",
            "column users.email is VARCHAR(100) NOT NULL; should be VARCHAR(50) NOT NULL",
        ),
        (
            "the real database has another default",
            "schema.sql",
            "DEFAULT 'new'",
            "DEFAULT 'old'",
            "differs:   column users.state is VARCHAR(10) NOT NULL DEFAULT 'old'",
        ),
        (
            "a CHECK constraint of the real database allows less",
            "schema.sql",
            "IN ('old', 'new')",
            "IN ('new')",
            "missing:   check (state in ('new', 'old')) on users",
        ),
        (
            "the real database lacks an index",
            "schema.sql",
            "CREATE INDEX ix_users_email ON users (email);\n",
            "",
            "missing:   index ix_users_email on users",
        ),
        (
            "the dump holds rows",
            "schema.sql",
            "CREATE INDEX",
            "INSERT INTO users VALUES (1, 'ada@example.com', 'new');\nCREATE INDEX",
            "schema.sql:7 holds rows, which a repository is no place for",
        ),
    )
]
