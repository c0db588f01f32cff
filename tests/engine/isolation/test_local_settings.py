"""What a statement sets for its transaction alone is read off it, and put back at its end."""

from __future__ import annotations

from typing import Any

import pytest

from test_harness.isolation.local_settings import keep, names_of, put_back
from test_harness.isolation.savepoints import Savepoint


@pytest.mark.parametrize(
    ("statement", "parameters", "names"),
    [
        ("SET LOCAL app.tenant = 'a'", (), ["app.tenant"]),
        ("/* why */ set local ROLE reader", (), ["role"]),
        ("SET LOCAL TIME ZONE 'UTC'", (), ["timezone"]),
        ("SET app.tenant = 'a'", (), []),
        ("SELECT set_config('app.tenant', %(t)s, true)", {"t": "a"}, ["app.tenant"]),
        ("SELECT set_config('app.tenant', $1, false)", ("a",), []),
        (
            "SELECT set_config(%(a)s, %(b)s, %(c)s) AS x",
            {"a": "app.tenant", "b": "a", "c": True},
            ["app.tenant"],
        ),
        ("SELECT set_config(%(a)s, 'x', %(c)s)", {"a": "app.tenant", "c": False}, []),
        (
            "SELECT set_config($1::VARCHAR, $2::VARCHAR, $3::BOOLEAN)",
            ("app.tenant", "a", True),
            ["app.tenant"],
        ),
        (
            "SELECT set_config('app.a', 'x', true), set_config('app.b', 'y', 't')",
            (),
            ["app.a", "app.b"],
        ),
        ("SELECT set_config('app''; DROP TABLE a; --', 'x', true)", (), []),
        ("SELECT name FROM users", (), []),
    ],
)
def test_what_is_set_for_a_transaction(statement: str, parameters: Any, names: list[str]) -> None:
    assert names_of(statement, parameters) == names


def test_the_first_value_of_a_transaction_is_put_back() -> None:
    sent: list[str] = []
    savepoint = Savepoint("one")
    for tenant in ("a", "b"):
        keep(lambda *it: sent.extend(it), savepoint, f"SET LOCAL app.tenant = '{tenant}'")
    put_back(lambda *it: sent.extend(it), savepoint)
    put_back(lambda *it: sent.extend(it), savepoint)
    assert sent == [
        "SELECT set_config('test_harness.app_tenant', "
        "coalesce(current_setting('app.tenant', true), ''), true)",
        "SELECT set_config('app.tenant', current_setting('test_harness.app_tenant'), true)",
    ]
