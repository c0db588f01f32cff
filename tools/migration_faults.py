"""Faults in migrations: the check meant for each has to turn red and say what is wrong."""

from __future__ import annotations

from tools.fault import Fault

SQLITE = "fastapi-async-sqlite"
POSTGRESQL = "fastapi-sync-postgresql"
VERSIONS = "migrations/versions"


def _fault(  # noqa: PLR0917
    what: str, file: str, old: str, new: str, test: str, because: str, cell: str = SQLITE
) -> Fault:
    caught_by = f"tests/checks/test_migrations.py::{test}"
    return Fault("migration check", what, cell, file, old, new, caught_by, because)


MIGRATION_FAULTS = [
    _fault(
        "a column is missing in the migrations",
        f"{VERSIONS}/0003_add_item_deletion.py",
        'sa.Column("deleted_at"',
        'sa.Column("removed_at"',
        "test_migrations_match_the_models",
        "missing:   column items.deleted_at",
    ),
    _fault(
        "a downgrade is forgotten",
        f"{VERSIONS}/0003_add_item_deletion.py",
        '    op.drop_column("items", "deleted_at")\n',
        "    pass\n",
        "test_each_downgrade_undoes_its_upgrade",
        "the downgrade of 0003 does not lead back",
    ),
    _fault(
        "two revisions follow the same one",
        f"{VERSIONS}/0005_create_refresh_sessions.py",
        'down_revision: str | Sequence[str] | None = "0004"',
        'down_revision: str | Sequence[str] | None = "0003"',
        "test_there_is_one_head",
        'join them with `alembic merge -m "Merge" 0004 0005`',
    ),
    _fault(
        "a CHECK constraint is missing in the migrations",
        f"{VERSIONS}/0002_create_items.py",
        'sa.CheckConstraint("price_cents >= 0"',
        'sa.CheckConstraint("price_cents > -2"',
        "test_migrations_match_the_models",
        "missing:   check (price_cents >= 0) on items",
    ),
    _fault(
        "a revision fails",
        f"{VERSIONS}/0003_add_item_deletion.py",
        '    op.add_column("items",',
        '    op.add_column("things",',
        "test_each_upgrade_succeeds",
        "the upgrade of 0003 fails",
    ),
    _fault(
        "a file is called after another revision",
        f"{VERSIONS}/0005_create_refresh_sessions.py",
        'revision: str = "0005"',
        'revision: str = "0006"',
        "test_each_revision_is_called_as_the_others",
        "0006 (0005_create_refresh_sessions.py) is not called as file_template says",
    ),
    _fault(
        "a revision does not say what it does",
        f"{VERSIONS}/0003_add_item_deletion.py",
        "Add the deletion of items",
        "empty message",
        "test_each_revision_says_what_it_does",
        "0003 (0003_add_item_deletion.py) does not say what it does",
    ),
    _fault(
        "only a script changes the rows",
        f"{VERSIONS}/0003_add_item_deletion.py",
        '    """Upgrade schema."""\n',
        '    """Upgrade schema."""\n'
        "    if op.get_context().as_sql:\n"
        '        op.execute("DELETE FROM items")\n',
        "test_no_operation_is_for_scripts_alone",
        "does from line 25 on what only `alembic upgrade --sql` writes",
    ),
    _fault(
        "env.py migrates nothing",
        "migrations/env.py",
        "if context.is_offline_mode():",
        "if True:\n    pass\nelif context.is_offline_mode():",
        "test_the_history_can_be_walked",
        "migrates no database: it writes a script, as for `alembic upgrade --sql`, or runs nothing",
    ),
    _fault(
        "an index is built while nobody can write",
        f"{VERSIONS}/0003_add_item_deletion.py",
        '    """Upgrade schema."""\n',
        '    """Upgrade schema."""\n    op.create_index("ix_items_name", "items", ["name"])\n',
        "test_no_operation_is_dangerous",
        "PG101 in 0003_add_item_deletion.py",
        POSTGRESQL,
    ),
    _fault(
        "a change of type loses what was there",
        f"{VERSIONS}/0003_add_item_deletion.py",
        '    """Upgrade schema."""\n',
        '    """Upgrade schema."""\n'
        '    op.alter_column("items", "created_at", type_=sa.Date())\n'
        '    op.alter_column("items", "created_at", type_=sa.DateTime(timezone=True))\n',
        "test_no_row_and_no_value_is_lost",
        "loses data of items: created_at was",
        POSTGRESQL,
    ),
    _fault(
        "a revision does nothing",
        f"{VERSIONS}/0003_add_item_deletion.py",
        """    op.add_column("items", sa.Column("deleted_at", MOMENT, nullable=True))


def downgrade() -> None:
    \"\"\"Downgrade schema.\"\"\"
    # Without the mark they would come back to life.
    op.execute("DELETE FROM items WHERE deleted_at IS NOT NULL")
    # SQLite drops a column in place since 3.35; batch mode would copy the table, and lose its
    # CHECK constraints on the way.
    op.drop_column("items", "deleted_at")
""",
        "\n\ndef downgrade() -> None:\n    pass\n",
        "test_no_revision_is_empty",
        "0003 (0003_add_item_deletion.py) does nothing",
    ),
    _fault(
        "a revision imports a model",
        f"{VERSIONS}/0003_add_item_deletion.py",
        "from alembic import op\n",
        "from alembic import op\nfrom app.models import Item\n",
        "test_no_revision_imports_the_models",
        "0003 (0003_add_item_deletion.py) imports app.models.Item",
    ),
    _fault(
        "a data migration does not do what is expected of it",
        "tests/migration_data.py",
        "list[dict[str, Any]]]]] = {}",
        'list[dict[str, Any]]]]] = {"0003": {"after": {"items": [{"name": "Ada"}]}}}',
        "test_data_migrations_do_what_is_expected",
        "after 0003 no row of items is",
    ),
    _fault(
        "the baseline accepts what is not found",
        "tests/migration_baseline.txt",
        "without a line.\n",
        "without a line.\ndowngrade 0003\n",
        "test_the_baseline_only_shrinks",
        "migration_baseline.txt accepts what is not found any more:\n  downgrade 0003",
    ),
]
