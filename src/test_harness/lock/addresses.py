"""Addresses of databases as messages show them: what drivers are given, without the password."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

# Whatever stands between the first colon and the last @ may be part of a password.
URL = re.compile(r"\w+://(?:(?P<user>[^:@/]*)(?::.*)?@)?(?P<host>[^/?#]*)/?(?P<database>[^?#]*)")

# What drivers of MySQL take by position.
MYSQL_ARGUMENTS = ("host", "user", "password", "database", "port")


def shown_address(drivername: str, parts: Mapping[str, Any]) -> str:
    """Return an address made of a driver's arguments, without its password.

    Args:
        drivername: What it begins with.
        parts: Arguments by the names that drivers give them; others are passed over.
    """
    user = parts.get("user") or parts.get("username")
    port = parts.get("port")
    database = parts.get("dbname") or parts.get("database") or parts.get("db")
    return (
        f"{drivername}://{f'{user}@' if user else ''}{parts.get('host') or ''}"
        f"{f':{port}' if port else ''}{f'/{database}' if database else ''}"
    )


def database_name(args: Sequence[Any], parts: Mapping[str, Any]) -> str:
    """Return what a driver's arguments call the database: its name, or its file's without suffix.

    Args:
        args: Those by position: the file for a driver of SQLite.
        parts: Those by name.
    """
    named = parts.get("dbname") or parts.get("database") or parts.get("db")
    return Path(os.fsdecode(args[0] if args else named or "")).stem


def postgresql_target(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """Return where a driver of PostgreSQL was to connect."""
    given = {key: str(value) for key, value in kwargs.items() if value is not None}
    dsn = str(args[0]) if args else given.get("dsn", given.get("conninfo", ""))
    if match := URL.match(dsn):
        return shown_address("postgresql", {**match.groupdict(), **given})
    parts = (part.split("=", 1) for part in shlex.split(dsn) if "=" in part)
    return shown_address("postgresql", {**dict(parts), **given})


def mysql_target(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """Return where a driver of MySQL was to connect: what it is given, or has made of that."""
    known = {name.lstrip("_"): value for name, value in getattr(args[0], "__dict__", {}).items()}
    given = {**known, **dict(zip(MYSQL_ARGUMENTS, args[1:], strict=False)), **kwargs}
    return shown_address(
        "mysql",
        {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in given.items()
        },
    )


def sqlite_path(database: Any) -> Path | None:
    """Return the file that a driver of SQLite was to open, None for one in memory."""
    text = os.fsdecode(database)
    if text.startswith("file:"):
        parts = urlsplit(text)
        if "mode=memory" in parts.query or parts.path == ":memory:":
            return None
        text = unquote(parts.path)
    return None if text in {"", ":memory:"} else Path(text)
