"""Addresses of databases that nothing answers at, in the form that the code wants."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ..findings import Finding
from ..project.env_examples import Examples
from ..project.variables import Variable
from .drivers import DIALECTS, DRIVERS, URL

# How a variable is called that holds a whole address.
ADDRESS = re.compile(r"(DATABASE|DB|POSTGRES|PG|SQLALCHEMY|MYSQL|SQLITE|SQL)\w*(URL|URI|DSN)$")
_OF_ENGINE = re.compile(r"(POSTGRES|MYSQL|MARIADB|SQLITE|MSSQL|ORACLE)")
PASSWORD_NAME = re.compile(r"PASS(WORD|WD|PHRASE|WRD)?$|_PWD$")
_PORTS = {"postgresql": 5432, "mysql": 3306}
# What a synchronous engine beside an asynchronous one usually has.
_SYNC_OF = {"aiosqlite": "pysqlite", "asyncpg": "psycopg2", "aiomysql": "pymysql",
            "asyncmy": "pymysql"}  # fmt: skip
# What a variable is of an address, by its name.
_PART = re.compile(
    r"(DATABASE|DB|POSTGRES(QL)?|MYSQL|MARIADB|SQL)_(HOST(NAME)?|SERVER|PORT|USER(NAME)?|PASS(WORD)?)"
)
_PARTS = (
    ("dialect", re.compile(r"(TYPE|ENGINE|DIALECT|SCHEME|BACKEND|PROTOCOL)$")),
    ("driver", re.compile(r"(DRIVER(_?NAME)?|CONNECTOR|ADAPTER)$")),
    ("host", re.compile(r"HOST(NAME)?$|SERVER$|_ADDR(ESS)?$|INSTANCE$|^PGHOST$")),
    ("port", re.compile(r"PORT$")),
    ("user", re.compile(r"USER(NAME)?$")),
    ("password", PASSWORD_NAME),
    ("file", re.compile(r"PATH$|FILE(NAME)?$")),
    ("name", re.compile(r"NAME$|_DB$|^DB$|DATABASE$")),
)


def unreachable(
    variable: Variable,
    examples: Examples,
    database: Finding,
    leading: Mapping[str, bool | None],
    converts: Collection[str],
) -> str | None:
    """Return what a variable says of an address that cannot be reached; None when it says none."""
    name, kind = variable.name, variable.type.lower()
    engine = database.value["engines"][0] if database else "postgresql"
    of = _OF_ENGINE.search(name)
    # libpq reads its own itself, to find the server that the test databases are on.
    if (of and DIALECTS[of.group(1).lower()] != engine) or re.match(r"PG[A-Z]+$", name):
        return None
    other = re.search(r"REDIS|AMQP|RABBIT|MONGO|CELERY|BROKER", name) or "redis" in kind
    # Of the tests that the backend has, but where its configuration reads it as well.
    other = other or ("TEST" in name and name not in leading) or name == "TEST_DATABASE_URL"
    known = [examples.values.get(name, ""), str(variable.default or "")]
    whole = ADDRESS.search(name) or "dsn" in kind or any(URL.match(text) for text in known)
    # Settings put an address together of such, in ways that cannot all be read.
    is_part = variable.optional and variable.default is None and _PART.fullmatch(name)
    if other or "httpurl" in kind or not (name in leading or ADDRESS.search(name) or is_part):
        return None
    if whole:
        return url(database, known, is_async=leading.get(name), converts=converts)
    part = next((part for part, pattern in _PARTS if pattern.search(name)), "")
    if part in ("dialect", "driver"):
        return _beginning(variable, part, known, leading, database)
    if engine == "sqlite":
        return "production.sqlite3" if part in ("name", "file") else None
    values = {"host": "production.invalid", "port": str(_PORTS.get(engine, 5432))}
    return values.get(part, "app") if part and part != "file" else None


def _beginning(
    variable: Variable,
    part: str,
    known: list[str],
    leading: Mapping[str, bool | None],
    database: Finding,
) -> str | None:
    """Return what stands before `://`, or before or behind the `+` in it; None where that is known.

    Args:
        variable: What it is put together of.
        part: Which of the two it is called by.
        known: Values that it has elsewhere; they say whether it stands for the whole.
        leading: All variables that the address is put together of.
        database: The engine and driver that were found.
    """
    if not database or not re.fullmatch(r"(Optional\[)?(str( \| None)?)?\]?", variable.type):
        return None
    engine, driver = database.value["engines"][0], database.value["driver"]
    whole = f"{engine}+{driver}" if driver and driver != "pysqlite" else engine
    drivers = {name for dialect, name, _ in DRIVERS.values() if dialect == engine}
    for text in filter(None, known):
        is_dialect = DIALECTS.get(text.partition("+")[0].lower()) == engine
        if is_dialect or text in drivers:
            return None if text == variable.default else text
    if part == "dialect":
        return str(engine)
    is_split = any(_PARTS[0][1].search(name) for name in leading)
    return str(driver or engine) if is_split else whole


def url(
    database: Finding,
    known: list[str],
    *,
    is_async: bool | None = None,
    converts: Collection[str] = (),
) -> str:
    """Return an address of the right kind that nothing answers at.

    Args:
        database: The engine and driver that were found.
        known: Addresses that the variable has elsewhere; how they begin is how the code wants it.
        is_async: Whether an asynchronous engine takes it; None when that is not known.
        converts: What the code replaces in an address by the same with a driver: `postgresql://`.
    """
    engine = database.value["engines"][0] if database else "postgresql"
    driver = database.value["driver"] if database else ""
    if is_async is False and driver in _SYNC_OF:
        driver = _SYNC_OF[driver]
    scheme = f"{engine}+{driver}" if driver and driver != "pysqlite" else engine
    for text in known:
        match = re.match(r"(\w+(?:\+\w+)?)://", text)
        kind = URL.match(text) if match else None
        # SQLAlchemy knows no `postgres://`, which hosting services hand out.
        fits = kind is not None and DIALECTS[kind.group(1)] == engine
        if match and kind and fits and kind.group(1) != "postgres":
            is_put_in = any(text.startswith(begun) for begun in converts)
            if not kind.group(2) and "+" in scheme and driver in _SYNC_OF and not is_put_in:
                continue
            scheme = match.group(1)
            break
    if engine in converts:
        # Of one that has a driver already, a word alone would be replaced once more.
        scheme = engine
    if engine == "sqlite":
        return f"{scheme}:///production.sqlite3"
    if any("@" in text and "://" not in text for text in known):
        return "app:app@production.invalid/app"
    return f"{scheme}://app:app@production.invalid/app"
