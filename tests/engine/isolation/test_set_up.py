"""What is set on a driver's connection is seen, and what drivers do there themselves is not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.types.json import set_json_dumps, set_json_loads

from test_harness.isolation.drivers.set_up import SetUp


@pytest.fixture
def connection() -> Any:
    """As psycopg has one, without a server."""
    adapters = AdaptersMap(psycopg.adapters)
    return SimpleNamespace(
        _adapters=adapters, adapters=adapters, _notice_handlers=[], _notify_handlers=[]
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda it: set_json_loads(json.loads, it), "adapters"),
        (lambda it: set_json_dumps(json.dumps, it), "adapters"),
        (lambda it: it._notice_handlers.append(print), "notice_handlers"),
        (lambda it: it._notify_handlers.append(print), "notify_handlers"),
    ],
)
def test_what_is_set_on_a_connection(
    connection: Any, change: Callable[[Any], None], name: str
) -> None:
    set_up = SetUp(connection)
    assert set_up.changed() == ""
    change(connection)
    assert set_up.changed() == f"connection.{name} = ..."


def test_a_class_that_is_met_for_the_first_time_changes_nothing(connection: Any) -> None:
    set_up = SetUp(connection)
    for kind in (uuid.UUID, list, int):
        connection.adapters.get_dumper(kind, PyFormat.AUTO)
    assert set_up.changed() == ""


def test_nothing_is_asked_of_a_connection_that_has_none_of_it() -> None:
    assert SetUp(object()).changed() == ""  # As asyncpg's.
