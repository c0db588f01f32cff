"""Which drivers of databases there are, and where each connects."""

# Where drivers connect: libpq unseen by Python's audit hooks, others in a thread of their own, on
# a port that is not known, or on a socket of the file system. The innermost place that Python sees,
# because a function may have been imported by name before it is guarded.
DRIVERS = {
    "aiosqlite": ["connect"],
    "asyncpg": ["connect_utils._connect"],
    "psycopg": [
        "connect",
        "Connection.connect",
        "AsyncConnection.connect",
        "_connection_base.BaseConnection._connect_gen",
    ],
    "psycopg2": ["_connect"],
    "aiomysql": ["connection.Connection._connect"],
    "asyncmy": ["connection.Connection.connect"],
    "mysql.connector": ["abstracts.MySQLConnectionAbstract.connect"],
    "MySQLdb": ["connections.Connection.__init__"],
    "pymysql": ["connections.Connection.connect"],
    "sqlite3": ["connect", "dbapi2.connect"],
    # Of C all of them: those of Python are known by what they say.
    **{name: ["connect"] for name in ("cx_Oracle", "mariadb", "oracledb", "pymssql", "pyodbc")},
    "psycopg2cffi": ["_connect"],
    "apsw": ["Connection"],
    **{name: ["connect", "dbapi2.connect"] for name in ("pysqlite3", "sqlcipher3")},
    **{name: ["connect"] for name in ("duckdb", "libsql")},
}
OF_FILES = {"aiosqlite", "apsw", "duckdb", "libsql", "pysqlite3", "sqlcipher3"}
OF_POSTGRESQL = {"asyncpg", "psycopg", "psycopg2", "psycopg2cffi"}
OF_MYSQL = {"MySQLdb", "aiomysql", "asyncmy", "mariadb", "mysql.connector", "pymysql"}
# Whose own ATTACH is asked about in the way of the standard library.
WITH_AUTHORIZER = {"apsw", "pysqlite3", "sqlcipher3", "sqlite3"}
