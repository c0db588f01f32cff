"""Drivers that another one stands in for, because a test cannot share connections of the first."""

from __future__ import annotations

from sqlalchemy.dialects import registry

# By engine: the dialect that stands in, and the drivers that it stands in for.
STAND_INS = {
    "mysql": (
        "sqlalchemy.dialects.mysql.pymysql",
        "MySQLDialect_pymysql",
        ("mysqlconnector", "cymysql"),
    ),
    "postgresql": (
        "sqlalchemy.dialects.postgresql.psycopg",
        "PGDialect_psycopg",
        ("pg8000", "psycopg2cffi"),
    ),
}


def stand_in_for_drivers(engine: str) -> None:
    """Have engines of drivers that cannot be shared be made of one that can, in this process.

    mysqlclient does its work in C, where what a statement commits is not seen. pymysql was made
    to take its place, errors included: who imports `MySQLdb` afterwards gets it.

    Args:
        engine: That of the test database.
    """
    if engine == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()
    if engine in STAND_INS:
        module, dialect, others = STAND_INS[engine]
        for driver in others:
            registry.register(f"{engine}.{driver}", module, dialect)
