"""What a MySQL or MariaDB database held when it was copied, and how it is put back after a test.

Neither server tells which rows are new, but both add up the contents of many tables in one answer
(CHECKSUM TABLE), and show with each table what its next number is. A table that differs is filled
anew from the template. Where the schema differs, the database is copied anew.

Source: MariaDB, "CHECKSUM TABLE", https://mariadb.com/kb/en/checksum-table/
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass

import pymysql

from test_harness.databases.mysql_copy import (
    COLUMNS,
    Connection,
    Rows,
    fetch,
    inserts,
    quoted,
    send,
)

WAIT_SECONDS = 5.0
NUMBER = re.compile(r" AUTO_INCREMENT=(\d+)")
# Rows that are deleted from such a table stay in it, and no SELECT shows them.
HAS_A_PAST = "WITH SYSTEM VERSIONING"

CONTENTS = (
    """SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = {0}
    ORDER BY table_name""",
    """SELECT trigger_name, event_object_table, event_manipulation, action_timing, action_statement
    FROM information_schema.triggers WHERE trigger_schema = {0} ORDER BY trigger_name""",
    """SELECT routine_type, routine_name, routine_definition, last_altered
    FROM information_schema.routines WHERE routine_schema = {0} ORDER BY 1, 2""",
    """SELECT event_name FROM information_schema.events WHERE event_schema = {0} ORDER BY 1""",
    """SELECT default_character_set_name, default_collation_name
    FROM information_schema.schemata WHERE schema_name = {0}""",
)


@dataclass(frozen=True)
class Relation:
    """A table, a view or a sequence.

    Args:
        shown: How it is made, without the number that comes next.
        number: That number as text; None where it is the first, or where there are none.
        total: The sum of the contents of a table, 0 for an empty one.
        following: The next value of a sequence.
    """

    shown: str
    number: str | None = None
    total: int | None = None
    following: int | None = None


class Baseline:
    """What a database held when this was made, at a moment when nobody else worked on it.

    Args:
        connection: For the harness's own work; one that takes several statements at once.
        name: The database.
        source: What it was copied from.
    """

    def __init__(self, connection: Connection, name: str, source: str) -> None:
        self._connection, self._name, self._source = connection, name, source
        where = connection.escape(name)
        self._questions = [question.format(where) for question in CONTENTS]
        send(
            connection,
            f"USE {quoted(name)}",
            "SET SESSION foreign_key_checks = 0, unique_checks = 0, "
            f"sql_mode = 'NO_AUTO_VALUE_ON_ZERO', lock_wait_timeout = {WAIT_SECONDS:.0f}",
        )
        self._columns = fetch(connection, COLUMNS.format(where))
        self._kinds: dict[str, str] = {}
        self._triggered: set[str] = set()
        self._programs, self._relations = self._look()

    def restore(self) -> bool:
        """Put back what the database held, and end whoever still works on it.

        Returns:
            Whether it holds that again; otherwise it is to be dropped.
        """
        try:
            return self._is_left_alone() and self._put_back()
        except pymysql.err.Error:
            return False

    def close(self) -> None:
        """Let go of the database."""
        if self._connection.open:
            self._connection.close()

    def _is_left_alone(self) -> bool:
        deadline = time.monotonic() + WAIT_SECONDS
        ended: set[int] = set()
        while others := [
            row[0]
            for row in fetch(self._connection, "SHOW PROCESSLIST")
            if row[3] == self._name and row[0] != self._connection.thread_id()
        ]:
            if time.monotonic() > deadline:
                return False
            for number in set(others) - ended:
                with suppress(pymysql.err.Error):  # One that is gone by now.
                    send(self._connection, f"KILL {number}")
            ended.update(others)
            time.sleep(0.001)
        return True

    def _put_back(self) -> bool:
        programs, now = self._look()
        before = self._relations
        made = {name: one.shown for name, one in before.items()}
        if (programs, {name: one.shown for name, one in now.items()}) != (self._programs, made):
            return False
        others = [name for name, one in now.items() if one != before[name]]
        if not others:
            return True
        if any(map(self._resists, others)):
            return False
        send(self._connection, *self._filling(others))
        # What is filled in leads to a number of its own.
        others = self._different(others)
        send(self._connection, *map(self._numbering, others))
        return not self._different(others)

    def _resists(self, name: str) -> bool:
        """Tell whether it would be another table, or do something, when it is filled anew."""
        before = self._relations[name]
        # Nothing switches triggers off; TRUNCATE does not set them off.
        return HAS_A_PAST in before.shown or bool(before.total and name in self._triggered)

    def _filling(self, names: list[str]) -> list[str]:
        # Faster than DELETE, after which the next number needs a statement of its own.
        tables = [name for name in names if self._relations[name].following is None]
        filled = [name for name in tables if self._relations[name].total]
        return [
            *(f"TRUNCATE TABLE {quoted(name)}" for name in tables),
            "BEGIN",
            *inserts(self._source, filled, self._columns),
            "COMMIT",
        ]

    def _numbering(self, name: str) -> str:
        before = self._relations[name]
        if before.following is not None:
            return f"ALTER SEQUENCE {quoted(name)} RESTART WITH {before.following}"
        return f"ALTER TABLE {quoted(name)} AUTO_INCREMENT = {before.number or 1}"

    def _different(self, names: list[str]) -> list[str]:
        now = self._look_at(names)
        return [name for name in names if now[name] != self._relations[name]]

    def _look(self) -> tuple[list[Rows], dict[str, Relation]]:
        programs = send(self._connection, *self._questions)
        self._kinds = dict(programs[0])
        self._triggered = {row[1] for row in programs[1]}
        return programs, self._look_at(list(self._kinds))

    def _look_at(self, names: list[str]) -> dict[str, Relation]:
        tables = [name for name in names if self._kinds[name].endswith("TABLE")]
        sequences = [name for name in names if self._kinds[name] == "SEQUENCE"]
        questions = [f"SHOW CREATE TABLE {quoted(name)}" for name in names]
        questions += [f"SELECT next_not_cached_value FROM {quoted(name)}" for name in sequences]  # noqa: S608
        if tables:
            questions.append(f"CHECKSUM TABLE {', '.join(map(quoted, tables))}")
        answers = send(self._connection, *questions)
        shown = [str(rows[0][1]) for rows in answers[: len(names)]]
        numbers = [NUMBER.search(statement) for statement in shown]
        following = {
            name: int(answers[len(names) + place][0][0]) for place, name in enumerate(sequences)
        }
        totals = (
            {str(name).partition(".")[2]: total for name, total in answers[-1]} if tables else {}
        )
        return {
            name: Relation(
                NUMBER.sub("", statement),
                number[1] if number else None,
                totals.get(name),
                following.get(name),
            )
            for name, statement, number in zip(names, shown, numbers, strict=True)
        }
