"""Databases by the names they go by: in URLs, packages, images and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.values import GAP

DIALECTS = {
    "postgresql": "postgresql", "postgres": "postgresql", "postgis": "postgresql",
    "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "mssql": "mssql",
    "oracle": "oracle", "cockroachdb": "cockroachdb", "duckdb": "duckdb",
}  # fmt: skip
URL = re.compile(
    r"^(postgresql|postgres|postgis|mysql|mariadb|sqlite|mssql|oracle|cockroachdb|duckdb)(?:\+(\w+))?:"
)
LITERAL = re.compile(
    rb"[\"'](postgresql|postgres|mysql|mariadb|sqlite|mssql|oracle)(?:\+(\w+))?(?:://|[\"'])"
)
KEYS = re.compile(
    r"(DATABASE|DB|POSTGRES|PG|SQLALCHEMY|MYSQL|SQLITE|SQL)\w*(URL|URI|DSN|CONNECTION\w*)$|^DSN$"
)

# What chooses among several databases.
KIND = re.compile(r"(DATABASE|DB|SQL)_?(TYPE|ENGINE|KIND|BACKEND|DIALECT|VENDOR|PROVIDER)$")
IMAGES = {"postgres": "postgresql", "postgis": "postgresql", "timescale": "postgresql",
           "pgvector": "postgresql", "mysql": "mysql", "mariadb": "mysql"}  # fmt: skip

# Drivers by the package that brings them: dialect, name in a URL, asynchronous.
DRIVERS = {
    "psycopg2-binary": ("postgresql", "psycopg2", False),
    "psycopg2": ("postgresql", "psycopg2", False),
    "psycopg": ("postgresql", "psycopg", None), "psycopg-binary": ("postgresql", "psycopg", None),
    "asyncpg": ("postgresql", "asyncpg", True), "pg8000": ("postgresql", "pg8000", False),
    "aiosqlite": ("sqlite", "aiosqlite", True),
    "aiomysql": ("mysql", "aiomysql", True), "asyncmy": ("mysql", "asyncmy", True),
    "pymysql": ("mysql", "pymysql", False), "mysqlclient": ("mysql", "mysqldb", False),
    "mysql-connector-python": ("mysql", "mysqlconnector", False),
    "pyodbc": ("mssql", "pyodbc", False), "oracledb": ("oracle", "oracledb", False),
}  # fmt: skip
DEFAULTS = {("sqlite", False): "pysqlite", ("sqlite", True): "aiosqlite"}


@dataclass(frozen=True)
class Use:
    """One place that says which database is used, and how much it says."""

    dialect: str
    driver: str
    where: str
    weight: float
    source: str


def uses_in(url: str, where: str, weight: float, source: str) -> Iterator[Use]:
    """Yield what an address says; nothing when it is none of a database."""
    match = URL.match(url.strip())
    if match:
        driver = (match.group(2) or "").replace(GAP, "").removesuffix("_async")
        yield Use(DIALECTS[match.group(1)], driver, where, max(weight, 0.5), source)
