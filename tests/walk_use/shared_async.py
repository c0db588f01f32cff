"""One world for the looks of a module, in the order of the file. The twin is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from kiosk.models import Item, Team
from sqlalchemy import func, insert, select, text

from test_harness.factories.base import bound_session
from test_harness.settings import settings
from test_harness.walk.driving_async import drive
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.shared import LASTS, MOST_SPOILT, SharedWorld
from test_harness.walk.steps import Sending, Steps
from test_harness.walk.visit import Request
from test_harness.walk.world import World

WRONG = Finding("test", Operation("GET", "/items"), "Something is wrong.")
# What a session has afterwards, whatever is rolled back.
CHANGES = {
    "sqlite": "PRAGMA cache_size = 1000",
    "postgresql": "PREPARE one AS SELECT 1",
    "mysql": "SET @one = 1",
}[settings().database.engine]
Looking = Callable[[World], Steps[list[Finding]]]
Look = Callable[[Looking], Any]


class Worlds:
    """Looks at worlds, and remembers them; what it writes is to be undone.

    Args:
        does: What else it does in each of them.
    """

    def __init__(self, does: Looking | None = None) -> None:
        self.seen: list[World] = []
        self._does = does

    def __call__(self, world: World) -> Steps[list[Finding]]:
        self.seen.append(world)
        items = yield sent(world, "GET /items")
        assert items.json == [world.ours["items"]["name"]]
        yield sent(world, "POST /items", undone=False)
        return [] if self._does is None else (yield from self._does(world))

    @property
    def different(self) -> int:
        return len({id(one) for one in self.seen})


def sent(world: World, said: str, **more: Any) -> Sending:
    method, path = said.split()
    return Sending(Request(method, path), "owner", world.principals["owner"].credential, **more)


def teams() -> int:
    return bound_session().scalar(select(func.count()).select_from(Team))


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """What has looked at the world of the module before."""
    return Worlds()


@pytest.fixture
def look_in(make_client: Any, credential_of: Any, db: Any) -> Callable[[SharedWorld, Looking], Any]:
    """Return a function that has somebody look at a shared world."""

    async def look(shared: SharedWorld, looking: Looking) -> list[Finding]:
        return await drive(shared.look(looking), make_client, db)

    return look


@pytest.fixture
def look(look_in: Any, shared_world: SharedWorld) -> Look:
    """Return a function that has somebody look at the world of the module."""
    return partial(look_in, shared_world)


@pytest.fixture(scope="session")
async def others(engine: Any) -> int:
    """A team for all tests to come; and how many there were before."""
    async with engine.begin() as connection:
        before = await connection.scalar(select(func.count()).select_from(Team))
        await connection.execute(insert(Team).values(id=4711, name="of a fixture"))
    return before


@pytest.mark.parametrize("time", range(3))
async def test_looks_share_a_world_in_which_nothing_is_left(
    look: Look, worlds: Worlds, time: int
) -> None:
    assert await look(worlds) == []
    assert (len(worlds.seen), worlds.different) == (time + 1, 1)


async def test_the_rows_are_those_of_a_world_and_no_more(look: Look) -> None:
    found = []

    def count(world: World) -> Steps[list[Finding]]:
        found.append((yield lambda: bound_session().scalar(select(func.count(Item.id)))))
        return []

    assert await look(count) == []
    assert found == [2]


@pytest.mark.parametrize("time", range(2))
async def test_what_changes_the_session_costs_the_world(
    look: Look, worlds: Worlds, time: int
) -> None:
    before = worlds.different

    def change(world: World) -> Steps[list[Finding]]:
        yield lambda: bound_session().execute(text(CHANGES))
        return []

    changing = Worlds(change)
    assert await look(changing) == []
    assert await look(worlds) == []
    assert worlds.different == before + 1
    assert changing.seen[0] is not worlds.seen[-1]


@pytest.mark.parametrize("time", range(2))
async def test_what_ends_the_transaction_costs_the_world(
    look: Look, worlds: Worlds, time: int
) -> None:
    def end(world: World) -> Steps[list[Finding]]:
        visit = yield sent(world, "POST /gone")
        assert visit.lost
        return []

    before = worlds.different
    assert await look(Worlds(end)) == []
    assert await look(worlds) == []
    assert worlds.different == before + 1


async def test_what_is_wrong_is_looked_at_again_in_a_world_of_its_own(look: Look) -> None:
    def wrong(world: World) -> Steps[list[Finding]]:
        yield sent(world, "GET /items")
        return [WRONG]

    looking = Worlds(wrong)
    assert await look(looking) == [WRONG]
    assert looking.different == 2


async def test_what_is_raised_is_raised_of_a_world_of_its_own(look: Look) -> None:
    def raise_(world: World) -> Steps[list[Finding]]:
        yield sent(world, "GET /items")
        raise ValueError("not in this world")

    looking = Worlds(raise_)
    with pytest.raises(ValueError, match="not in this world"):
        await look(looking)
    assert looking.different == 2


@pytest.fixture(scope="module")
def spoiling() -> Worlds:
    """Finds something in each world that is not new."""

    def look(world: World) -> Steps[list[Finding]]:
        yield sent(world, "GET /items")
        is_used = any(one is world for one in looking.seen[:-1])
        return [WRONG] if is_used else []

    looking = Worlds(look)
    return looking


@pytest.fixture(scope="module")
def spoilt() -> Iterator[SharedWorld]:
    """A world that each look spoils for the next."""
    shared = SharedWorld()
    yield shared
    shared.let_go()


@pytest.mark.parametrize("time", range(2 * MOST_SPOILT + 2))
async def test_what_a_look_has_spoilt_is_not_told_of_the_next(
    look_in: Any, spoilt: SharedWorld, spoiling: Worlds, time: int
) -> None:
    before = len(spoiling.seen)
    assert await look_in(spoilt, spoiling) == []
    # Every second one had to look twice, until none shares it any more.
    assert len(spoiling.seen) - before == (2 if time % 2 and time < 2 * MOST_SPOILT else 1)


async def test_a_world_does_not_last_for_ever(look_in: Any) -> None:
    now, looking = [0.0], Worlds()
    shared = SharedWorld(lambda: now[0])
    for seconds in (0.0, LASTS, LASTS + 1):
        now[0] = seconds
        assert await look_in(shared, looking) == []
    assert [one is looking.seen[0] for one in looking.seen] == [True, True, False]
    shared.let_go()


@pytest.fixture
async def seeded(db: Any) -> None:
    """A row that a fixture writes for each test anew."""
    db.add(Team(id=1147, name="of each test"))
    await db.commit()


@pytest.mark.parametrize("time", range(2))
@pytest.mark.usefixtures("seeded")
async def test_what_a_fixture_writes_for_a_test_is_not_kept(look: Look, time: int) -> None:
    looking = Worlds()
    for _ in range(1 + time):
        assert await look(looking) == []


async def test_a_world_is_there_again(look: Look, worlds: Worlds) -> None:
    for _ in range(2):
        assert await look(worlds) == []
    assert worlds.seen[-1] is worlds.seen[-2]


async def test_a_fixture_for_several_tests_finds_no_world_and_keeps_none(others: int) -> None:
    assert others == 0


async def test_what_it_wrote_is_there_beside_a_world(look: Look) -> None:
    found = []

    def count(world: World) -> Steps[list[Finding]]:
        found.append((yield teams))
        return []

    for _ in range(2):
        assert await look(count) == []
    assert found == [3, 3]
