"""What is left of the world of another module: nothing. The synchronous twin is derived."""

from __future__ import annotations

from typing import Any

from kiosk.models import Item, Team
from sqlalchemy import select


async def test_nothing_of_a_world_is_left_for_another_module(db: Any) -> None:
    assert [*await db.scalars(select(Item.name))] == []
    assert [*await db.scalars(select(Team.name))] == ["of a fixture"]
