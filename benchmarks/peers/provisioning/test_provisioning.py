"""Makes the database as each worker does, and then copies it as the server alone does."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from test_harness.lock.connections import permitted
from test_harness.runtime.process import runtime

FLOOR = "benchmark_floor"


def test_a_database_is_made() -> None:
    runtime().application()
    began = time.perf_counter()
    runtime().ensure_database()
    made = time.perf_counter() - began
    copied = COPIES[runtime().database.engine]()
    Path("provisioned.json").write_text(json.dumps([made, copied]), encoding="utf-8")


def copied_file() -> float:
    """SQLite: the file of the database, in the same folder."""
    file = Path(str(runtime().database.url("sqlite").database))
    target = file.with_name(FLOOR)
    began = time.perf_counter()
    shutil.copy(file, target)
    taken = time.perf_counter() - began
    target.unlink()
    return taken


def copied_by_postgresql() -> float:
    """PostgreSQL: one statement, from a new connection on."""
    import psycopg

    url = runtime().database.url("postgresql")
    address = url.set(database="postgres").render_as_string(hide_password=False)
    with permitted():
        began = time.perf_counter()
        with psycopg.connect(address, autocommit=True) as connection:
            try:
                connection.execute(f"CREATE DATABASE {FLOOR} TEMPLATE {url.database}".encode())
                taken = time.perf_counter() - began
            finally:
                connection.execute(f"DROP DATABASE {FLOOR}".encode())
    return taken


def copied_by_mysql() -> float:
    """MySQL, which has no templates: one statement for each table, from a new connection on."""
    import pymysql

    url = runtime().database.url("mysql")
    with permitted():
        began = time.perf_counter()
        with pymysql.connect(
            host=url.host or "127.0.0.1", port=url.port or 3306, user=url.username,
            password=url.password or "",
        ) as connection, connection.cursor() as cursor:  # fmt: skip
            cursor.execute(f"CREATE DATABASE {FLOOR}")
            try:
                cursor.execute(
                    f"SHOW FULL TABLES FROM {url.database} WHERE Table_type = 'BASE TABLE'"
                )
                for table, _ in cursor.fetchall():
                    cursor.execute(f"CREATE TABLE {FLOOR}.{table} LIKE {url.database}.{table}")
                taken = time.perf_counter() - began
            finally:
                cursor.execute(f"DROP DATABASE {FLOOR}")
    return taken


COPIES: dict[str, Callable[[], float]] = {
    "sqlite": copied_file,
    "postgresql": copied_by_postgresql,
    "mysql": copied_by_mysql,
}
