"""Columns that a trigger of the database may fill: what was saved there is not what is read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, text

_DEFINITIONS = {
    "postgresql": """
SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgrelid = CAST(:table AS regclass)
""",
    "mysql": """
SELECT action_statement FROM information_schema.triggers
WHERE event_object_schema = DATABASE() AND event_object_table = :table
""",
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table",
}


def is_set_by_trigger(connection: Connection, model: type[Any], attribute: str) -> bool:
    """Tell whether a trigger speaks of the column behind an attribute of a mapped class.

    Args:
        connection: Leads to the test database.
        model: The class.
        attribute: The attribute, which is of a column.
    """
    dialect = connection.dialect
    engine = "mysql" if dialect.name == "mariadb" else dialect.name
    for column in model.__mapper__.column_attrs[attribute].columns:
        if not isinstance(column.table, Table):
            continue
        # A name in another case is quoted where a name is read from a text.
        quoted = engine == "postgresql"
        name = dialect.identifier_preparer.format_table(column.table) if quoted else None
        asked = text(_DEFINITIONS[engine])
        found = connection.scalars(asked, {"table": name or column.table.name})
        if any(column.name.lower() in str(definition).lower() for definition in found):
            return True
    return False
