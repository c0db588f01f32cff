"""What goes to somebody else on purpose is named by a field, in a list of it as well."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.walk.oracles.mixed import _is_somebodys
from test_harness.walk.ownership import ownership_of
from test_harness.walk.places import Place
from test_harness.walk.recipe import Symbol
from tests.engine.walk.test_privacy import Thing, User


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        (("thing_id",), True),
        (("thing_ids", 0), True),
        (("things", 0, "thing_id"), True),
        (("target_thing_id",), False),
        (("target_thing_ids", 0), False),
        (("gifts", 0, "recipient_thing"), False),
    ],
)
def test_where_something_goes_to_is_somebody_elses(place: Place, is_one: bool) -> None:
    world = SimpleNamespace(ownership=ownership_of([User, Thing], User), theirs={"things": {}})
    scene: Any = SimpleNamespace(world=world)
    assert _is_somebodys(place, Symbol("row", "things.id"), scene) is is_one
