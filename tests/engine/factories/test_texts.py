"""What a text is follows from what its column is called."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Text

from test_harness.factories.texts import texts


class Note:
    """What has the columns."""


def first(key: str) -> str:
    field: Any = SimpleNamespace(key=key, type=Text(), model=Note)
    return str(next(texts(field)).at(7))


@pytest.mark.parametrize("key", ["payload_json", "json"])
def test_what_is_called_json_can_be_read_as_such(key: str) -> None:
    assert json.loads(first(key)) == {}


def test_what_only_begins_so_is_a_text() -> None:
    assert (first("jsonify"), first("email")) == ("Jsonify 7", "note7@example.com")
