"""What a transaction of PostgreSQL sets for itself alone: `SET LOCAL`, `set_config(..., true)`.

A server forgets it at the end of the transaction; where that is a savepoint inside another one, it
would stay. What a setting was before is kept beside it, and put back when the transaction ends
(https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from test_harness.isolation.savepoints import Savepoint
from test_harness.isolation.statements import code_of

Execute = Callable[..., None]

_SET = re.compile(r'SET\s+LOCAL\s+(?:(TIME)\s+ZONE\b|SESSION\s+(AUTHORIZATION)\b|"?([\w.]+))', re.I)
_CALL = re.compile(
    r"\bset_config\s*\(\s*([^,]+?)\s*,.*?,\s*((?:%\(\w+\)s|[^,()%])+?)\s*\)", re.I | re.DOTALL
)
_SPECIAL = {"time": "timezone", "authorization": "session_authorization"}
_NAME = re.compile(r"[\w.]+")


def may_set(statement: str) -> bool:
    """Tell whether a statement may set something for its transaction alone."""
    return bool(_SET.match(code_of(statement)) or _CALL.search(statement))


def keep(
    execute: Execute,
    savepoint: Savepoint,
    statement: str,
    sender: Sequence[str] = (),
    parameters: Any = (),
) -> None:
    """Keep what a statement is about to set for a transaction.

    Args:
        execute: Sends statements of the harness.
        savepoint: What the transaction has become.
        statement: What the application is about to send.
        sender: What has whatever is sent next be sent as who sends that, if there are several.
        parameters: What it sends with it.
    """
    for name in names_of(statement, parameters):
        if name not in savepoint.local:
            savepoint.local.append(name)
            savepoint.sender = sender
            execute(
                *sender,
                f"SELECT set_config('{_beside(name)}', "
                f"coalesce(current_setting('{name}', true), ''), true)",
            )


def put_back(execute: Execute, savepoint: Savepoint) -> None:
    """Have settings be again what they were before a transaction that ends now."""
    names, savepoint.local = savepoint.local, []
    if names:
        execute(
            *savepoint.sender,
            *(
                f"SELECT set_config('{name}', current_setting('{_beside(name)}'), true)"
                for name in names
            ),
        )


def names_of(statement: str, parameters: Any) -> list[str]:
    """Return what a statement sets for its transaction alone."""
    found = _SET.match(code_of(statement))
    names = [next(filter(None, found.groups())).lower()] if found else []
    for name, is_local in _CALL.findall(statement):
        if _value(is_local, parameters) in {True, "true", "t", "on", "yes", "1"}:
            names.append(str(_value(name, parameters)).lower())
    return [_SPECIAL.get(name, name) for name in names if _NAME.fullmatch(name)]


def _value(text: str, parameters: Any) -> Any:
    """Return what an argument is: a literal, or a parameter of psycopg or of asyncpg."""
    plain = text.partition("::")[0].strip()
    if plain.startswith("'"):
        return plain.strip("'").lower()
    if (named := re.fullmatch(r"%\((\w+)\)s", plain)) and isinstance(parameters, Mapping):
        return parameters.get(named[1])
    if (numbered := re.fullmatch(r"\$(\d+)", plain)) and isinstance(parameters, Sequence):
        return parameters[int(numbered[1]) - 1]
    return plain.lower()


def _beside(name: str) -> str:
    return f"test_harness.{name.replace('.', '_')}"
