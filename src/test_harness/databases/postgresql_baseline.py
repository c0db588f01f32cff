"""What a PostgreSQL database held when it was copied, and how it is put back after a test.

A row that is newer than the copy says so by the transaction that wrote it (`xmin`), so one look
tells what was added, without triggers and without statistics that come late. What was there before
and has been changed, rows as well as the schema, is not mended: then the database is copied anew.

Source: PostgreSQL, "System Columns", https://www.postgresql.org/docs/current/ddl-system-columns.html
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

WAIT_SECONDS = 5.0
# More than this leaves so much that is dead behind that a copy is cheaper.
MANY_ROWS = 2000

# Where a change of the schema shows. TRUNCATE and REFRESH give a table another file, and the
# sessions of tests may leave an empty schema for temporary tables behind.
CATALOGS = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_default_acl",
    "pg_depend",
    "pg_enum",
    "pg_event_trigger",
    "pg_extension",
    "pg_index",
    "pg_inherits",
    "pg_largeobject",
    "pg_largeobject_metadata",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_trigger",
    "pg_type",
)
RELATIONS = """
    SELECT nspname, relname, relkind
    FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
    WHERE relkind IN ('r', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema')
    AND nspname !~ '^pg_(toast|temp)' ORDER BY relkind, nspname, relname"""
# Of the database as a whole: settings, schemas, what was prepared and neither ended.
WHOLE = """
    SELECT (SELECT array_agg(setconfig::text ORDER BY setrole) FROM pg_db_role_setting
    JOIN pg_database base ON base.oid = setdatabase WHERE datname = current_database())::text,
    (SELECT array_agg((nspname, nspowner, nspacl)::text ORDER BY oid) FROM pg_namespace
    WHERE nspname !~ '^pg_(toast_)?temp_')::text,
    (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())"""
OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


class Baseline:
    """What a database held when this was made, at a moment when nobody else worked on it.

    Args:
        connection: To that database, of a role that may put back what it likes.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._removed = 0
        connection.execute(f"SET lock_timeout = '{WAIT_SECONDS:g}s'")
        connection.execute("SET row_security = off")
        # Triggers and foreign keys have nothing to say about what never happened.
        connection.execute("SET session_replication_role = replica")
        [(transaction,)] = connection.execute("SELECT txid_current()::text").fetchall()
        # Without its epoch, as it stands in the rows.
        self._newer = sql.SQL("age(xmin) < age({}::text::xid)").format(
            sql.Literal(str(int(transaction) % 2**32))
        )
        known = connection.execute(RELATIONS).fetchall()
        self._tables = [sql.Identifier(*row[:2]) for row in known if row[2] == "r"]
        sequences = [sql.Identifier(*row[:2]) for row in known if row[2] == "S"]
        catalogs = [sql.Identifier("pg_catalog", name) for name in CATALOGS]
        self._count = _union(
            "SELECT {}, count(*), count(*) FILTER (WHERE {newer}) FROM ONLY {}",
            [*catalogs, *self._tables],
            newer=self._newer,
        )
        self._ask = _union("SELECT {}, last_value, is_called FROM {}", sequences)
        self._sequences = sequences
        self._counts, self._values = self._look(self._count), self._look(self._ask)
        self._whole = connection.execute(WHOLE).fetchall()

    def restore(self) -> bool:
        """Put back what the database held, and end whoever still works on it.

        Returns:
            Whether it holds that again; otherwise it is to be dropped.
        """
        try:
            return self._is_left_alone() and self._put_back()
        except psycopg.Error:
            return False

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _is_left_alone(self) -> bool:
        deadline = time.monotonic() + WAIT_SECONDS
        self._connection.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        # What they were about to commit is there, or never will be, when they are gone.
        while self._connection.execute(f"SELECT 1 {OTHERS}").fetchone():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return True

    def _put_back(self) -> bool:
        if self._connection.execute(WHOLE, prepare=True).fetchall() != self._whole:
            return False
        added: list[int] = []
        for place, (before, now) in enumerate(
            zip(self._counts, self._look(self._count), strict=True)
        ):
            is_catalog = place < len(CATALOGS)
            if now[1] - now[2] != before[1] or (is_catalog and now[2]):
                return False  # Something that was there before is gone, or is another.
            if now[2]:
                added.append(place - len(CATALOGS))
                self._removed += now[2]
        if self._removed > MANY_ROWS:
            return False
        remove = sql.SQL("DELETE FROM ONLY {} WHERE {}")
        set_back = sql.SQL("SELECT setval({}::text::regclass, {}, {})")
        statements = [remove.format(self._tables[place], self._newer) for place in added]
        for sequence, before, now in zip(
            self._sequences, self._values, self._look(self._ask), strict=True
        ):
            if now != before:
                name = sql.Literal(sequence.as_string(self._connection))
                statements.append(set_back.format(name, *map(sql.Literal, before[1:])))
        if statements:
            self._connection.execute(sql.SQL(";").join(statements))
        return True

    def _look(self, question: sql.Composed | None) -> list[tuple[Any, ...]]:
        if question is None:
            return []
        rows = self._connection.execute(question, prepare=True).fetchall()
        return sorted(rows)


def _union(
    question: str, relations: list[sql.Identifier], **more: sql.Composable
) -> sql.Composed | None:
    """Return one question about many relations, each row of whose answer begins with a number."""
    asked = sql.SQL(question)
    parts = [asked.format(sql.Literal(place), one, **more) for place, one in enumerate(relations)]
    return sql.SQL(" UNION ALL ").join(parts) if parts else None
