"""A role that row-level security binds, for the connections of an application under test.

The tests connect as somebody who makes databases, often a superuser, whom no policy binds: a
backend whose policies are missing would be as green as one that has them. So what the application
sends is sent as an ordinary role, and what the tests and factories send stays that of the tests'
own role: a factory makes rows of every tenant, and `db` sees them all.

What the role has follows from the schema. Where each table with policies FORCEs them, the owner is
to be bound, so the application is the owner: the role gets the tables. Where one does not, policies
mean something to those only that are not the owner: the role gets all privileges on what there is.
What extensions made, and functions that are SECURITY DEFINER, stay whose they are.

Source: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from test_harness.databases.database import AUTO, Policies

# One for all runs on a server: it may not log in, and has what it has in test databases alone.
ROLE = "test_harness_application"

# The tables with policies that do not bind the role of the tests: whether they bind their owner,
# and for whom they are where none of them is for all.
UNBOUND = """
    SELECT relname, relforcerowsecurity,
    CASE WHEN bool_or(0 = ANY (polroles)) THEN NULL ELSE array_agg(DISTINCT named.rolname::text) END
    FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
    JOIN pg_roles me ON me.rolname = current_user
    LEFT JOIN pg_roles named ON named.oid = ANY (polroles)
    WHERE relrowsecurity AND (me.rolsuper OR me.rolbypassrls
    OR NOT relforcerowsecurity AND pg_has_role(relowner, 'USAGE'))
    GROUP BY relname, relforcerowsecurity, pg_class.oid ORDER BY relname
"""
IS_ORDINARY = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = %s"
HAS_ANY = """
    SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND has_table_privilege(%s, pg_class.oid, 'SELECT, INSERT, UPDATE, DELETE'))
"""
MAY_BE = "SELECT rolsuper OR pg_has_role(%s, 'MEMBER') FROM pg_roles WHERE rolname = current_user"
SCHEMAS = (
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
)
GRANTS = """
    GRANT ALL ON SCHEMA {schema} TO {role};
    GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
    GRANT ALL ON ALL ROUTINES IN SCHEMA {schema} TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON TABLES TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON SEQUENCES TO {role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON ROUTINES TO {role}
"""
# A sequence of a column goes with its table. Those of extensions are not the application's.
OWNED = """
    SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
    WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, one.oid::regclass::text
    FROM pg_class one JOIN pg_namespace space ON space.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
    AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND pg_has_role(relowner, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = one.oid
        AND deptype IN ('e', 'i') OR relkind = 'S' AND classid = 'pg_class'::regclass
        AND objid = one.oid AND deptype = 'a')
    UNION ALL
    SELECT 'ROUTINE', one.oid::regprocedure::text
    FROM pg_proc one JOIN pg_namespace space ON space.oid = pronamespace
    WHERE NOT prosecdef AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND pg_has_role(proowner, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = one.oid
        AND deptype = 'e')
"""


def bind(connection: psycopg.Connection[Any], wanted: str) -> Policies:
    """See to it that there is a role that the policies of a database bind, where it has any.

    Args:
        connection: To the database, as the tests connect; each statement is a transaction.
        wanted: What the settings say: `auto`, a role of the server, or nothing for none.
    """
    rows = connection.execute(UNBOUND).fetchall()
    tests, tables = connection.info.user, tuple(row[0] for row in rows)
    if not tables:
        return Policies()
    named = {role for row in rows for role in row[2] or ()}
    if wanted != AUTO:
        role = wanted
    elif not named:
        role = ROLE
    else:
        # Whom FORCE binds besides has nothing but by a policy for it: the application is that one.
        is_certain = len(named) == 1 and all(row[1] for row in rows)
        role = named.pop() if is_certain else ""
    try:
        # All of it or nothing: half of it would be a role that lacks what it needs.
        with connection.transaction():
            is_there = bool(role) and _prepare(connection, role, owns=all(row[1] for row in rows))
    except psycopg.Error:
        is_there = False  # of a role that may make none, or not be another
    return Policies(tests, tables, role if is_there else "")


def _prepare(connection: psycopg.Connection[Any], role: str, *, owns: bool) -> bool:
    """Give the role what an application has; tell whether policies bind it."""
    if role == ROLE:
        _make(connection)
    if not connection.execute(MAY_BE, (role,)).fetchone()[0]:  # type: ignore[index]
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
    [is_ordinary] = connection.execute(IS_ORDINARY, (role,)).fetchone() or [False]
    if not is_ordinary:
        return False
    if role == ROLE or not connection.execute(HAS_ANY, (role,)).fetchone()[0]:  # type: ignore[index]
        _grant(connection, role)
    if role == ROLE and owns:
        change = sql.SQL("ALTER {} {} OWNER TO {}")
        for kind, name in connection.execute(OWNED).fetchall():
            # Both come from the catalog, quoted as they have to be.
            connection.execute(change.format(sql.SQL(kind), sql.SQL(name), sql.Identifier(role)))
    return True


def _make(connection: psycopg.Connection[Any]) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
        return
    try:
        with connection.transaction():
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(ROLE)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        pass  # Another worker was quicker.


def _grant(connection: psycopg.Connection[Any], role: str) -> None:
    to = sql.Identifier(role)
    base = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT ALL ON DATABASE {} TO {}").format(base, to))
    for (schema,) in connection.execute(SCHEMAS).fetchall():
        for one in GRANTS.split(";"):
            connection.execute(sql.SQL(one).format(schema=sql.Identifier(schema), role=to))
