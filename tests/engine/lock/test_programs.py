"""Which command lines start a client of a database or a service, and which only look so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from test_harness.lock.programs import clients, names


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["psql", "orders"], ("a PostgreSQL database", "psql", "")),
        (["/usr/bin/pg_dump", "-h", "db"], ("a PostgreSQL database", "pg_dump", "db")),
        ([b"mysql", b"--host=db"], ("a MySQL database", "mysql", "db")),
        ([Path("mariadb-dump")], ("a MySQL database", "mariadb-dump", "")),
        (["sqlite3", "-cmd", ".mode list", "a.db", "SELECT"], ("a SQLite file", "sqlite3", "a.db")),
        (["redis-cli", "-u", "redis://me@cache:6379/1"], ("Redis", "redis-cli", "cache")),
        (["sudo", "-u", "postgres", "psql"], ("a PostgreSQL database", "psql", "")),
        (["env", "-i", "PGHOST=db", "psql"], ("a PostgreSQL database", "psql", "")),
        (["timeout", "-k", "5", "10s", "psql"], ("a PostgreSQL database", "psql", "")),
        (["docker", "compose", "exec", "-T", "db", "mysql"], ("a MySQL database", "mysql", "")),
        (["bash", "-lc", "cd /srv && psql -f dump.sql"], ("a PostgreSQL database", "psql", "")),
        ("cat dump.sql | psql orders", ("a PostgreSQL database", "psql", "")),
        ("PGPASSWORD=a psql", ("a PostgreSQL database", "psql", "")),
        ("if true; then\n  mongosh\nfi", ("MongoDB", "mongosh", "")),
        ("echo $(redis-cli get a)", ("Redis", "redis-cli", "")),
        ("echo `redis-cli get a`", ("Redis", "redis-cli", "")),
        ("psql < dump.sql", ("a PostgreSQL database", "psql", "")),
        ("rabbitmqctl list_queues > queues 2>&1", ("RabbitMQ", "rabbitmqctl", "")),
    ],
)  # fmt: skip
def test_a_client_is_found(command: Any, found: tuple[str, str, str]) -> None:
    is_text = isinstance(command, str)
    assert [(it.what, it.program, it.where) for it in clients(command, shell=is_text)] == [found]


@pytest.mark.parametrize(
    "command",
    [
        ["psql", "--version"],
        ["git", "commit", "-m", "psql"],
        ["ffmpeg", "-i", "mysql"],
        ["ruff", "check", "sqlite3"],
        ["which", "psql"],
        ["docker", "run", "-d", "mysql"],
        ["docker", "exec", "mysql", "ls"],
        ["sudo", "apt-get", "install", "mysql"],
        ["env"],
        ["bash"],
        [],
        "echo psql; echo 'a; psql' # psql",
        "cat < psql",
        "ls > mysql",
        "cat <<EOF\nit's psql\nEOF",
        "",
    ],
)
def test_what_only_looks_so_is_none(command: Any) -> None:
    assert list(clients(command, shell=isinstance(command, str))) == []


def test_a_database_of_this_run_is_known_by_its_name() -> None:
    [dumps] = clients(["pg_dump", "--dbname=postgresql://127.0.0.1/test_harness_shop_1_main"])
    [other] = clients(["pg_dump", "shop"])
    assert names(dumps, {}, "test_harness_shop_1_main")
    assert names(other, {"PGDATABASE": "test_harness_shop_1_main"}, "test_harness_shop_1_main")
    assert not names(other, {}, "test_harness_shop_1_main")
    assert not names(other, {}, "")
