"""A driver that another one stands in for, because a test cannot share connections of the first."""

from __future__ import annotations


def stand_in_for_drivers(engine: str) -> None:
    """Have `MySQLdb`, the module of mysqlclient, be pymysql in this process.

    mysqlclient does its work in C, where what a statement commits is not seen. pymysql was made
    to take its place, errors included; who imports `MySQLdb` afterwards gets it.

    Args:
        engine: That of the test database.
    """
    if engine == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()
