"""Each pattern says what is wrong while a fault is switched on, and nothing without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from shop.app import FAULTS
from shop.models import NEXT, Item, User

from test_harness import (
    HarnessError,
    assert_not_found,
    assert_pages,
    assert_soft_deleted,
    assert_statements,
    assert_status,
    assert_transitions,
    assert_unique,
    assert_unique_rows,
    factory_for,
)

WAYS = ("GET", "PATCH", "DELETE")
FACTORY = factory_for(Item)
YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


@pytest.fixture(autouse=True)
def right() -> Iterator[None]:
    yield
    FAULTS.clear()


@pytest.fixture
async def ada(db: Any) -> Any:
    return await factory_for(User).create_async(name="Ada")


@pytest.fixture
async def client(client_as: Any, ada: Any) -> Any:
    return await client_as(ada)


@pytest.fixture
async def foreign(db: Any) -> Any:
    return await FACTORY.create_async(deleted_at=None, name="a foreign lamp")


@pytest.fixture
async def mine(ada: Any) -> Any:
    return await FACTORY.create_async(owner=ada, deleted_at=None)


@pytest.fixture(params=[True, False], ids=["healthy", "broken"])
def broken(request: pytest.FixtureRequest) -> Any:
    """Return a context in which an assertion must say something, or nothing without the fault."""

    def context(fault: str, said: str) -> Any:
        if request.param:
            from contextlib import nullcontext

            return nullcontext()
        FAULTS.add(fault)
        return pytest.raises(AssertionError, match=said)

    return context


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("shown", r"not found: GET /items/\d+ as User \d+ answered 200, not 404"),
        ("forbidden", "answered 403, not 404"),
        ("told apart", "answered 404, where there is nothing: the difference tells"),
        (
            "touched",
            r"untouched: GET [^ ]+ as User \d+ answered 404, and yet a row is not as it was",
        ),
    ],
)
async def test_not_found(client: Any, foreign: Any, broken: Any, fault: str, said: str) -> None:
    with broken(fault, said):
        await assert_not_found(client, f"/items/{foreign.id}", foreign, methods=WAYS)
    assert foreign.name == "a foreign lamp"


async def test_not_found_without_a_row(client: Any, mine: Any) -> None:
    await assert_not_found(client, "/items/123456", methods=WAYS)
    with pytest.raises(AssertionError, match="answered 200, not 404"):
        await assert_not_found(client, f"/items/{mine.id}", methods=WAYS)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("repeats", "lists: GET /items as User .* by pages of 2 has a row 2 times"),
        ("bad page", "With page=0 "),
        ("listed", "says total = 5, and has 6 rows"),
    ],
)
async def test_pages(client: Any, ada: Any, broken: Any, fault: str, said: str) -> None:
    await FACTORY.create_async(owner=ada, deleted_at=YESTERDAY)
    with broken(fault, said):
        await assert_pages(client, "/items", FACTORY, owner=ada, deleted_at=None)


async def test_pages_of_rows_that_are_not_listed(client: Any) -> None:
    with pytest.raises(AssertionError, match="lists 0 of the 5 rows of items that were made"):
        await assert_pages(client, "/items", Item, deleted_at=None)


async def test_statements(client: Any, ada: Any, broken: Any) -> None:
    with broken(
        "one by one", r"more rows there are: \d+ for 1, \d+ for 10.*\n  seen: 9 times more"
    ):
        await assert_statements(client, "/items", Item, owner=ada, deleted_at=None)


async def test_statements_of_rows_that_are_not_listed(client: Any) -> None:
    with pytest.raises(AssertionError, match="lists 0 more than before 9 rows of items"):
        await assert_statements(client, "/items", Item, deleted_at=None)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("accepted", "unique: POST /items as User .* answered 201, not 409, when sku was the same"),
        ("broken", "raised IntegrityError|answered 500"),
        ("cased", "when sku was in another case the same"),
        ("only one", "although sku was another"),
    ],
)
async def test_unique(client: Any, broken: Any, fault: str, said: str) -> None:
    with broken(fault, said):
        await assert_unique(client, "/items", {"sku": "A"}, any_case=True, sku="B")


async def test_unique_writes_nothing(client: Any) -> None:
    await assert_unique(client, "/items", {"sku": "A"}, sku="B")
    assert assert_status(await client.get("/items"), 200)["total"] == 0


async def test_unique_rows(db: Any, ada: Any) -> None:
    await assert_unique_rows(FACTORY, owner=ada, sku="A")
    await assert_unique_rows(User, name="Grace")
    with pytest.raises(AssertionError, match="when owner and sku is in another case the same"):
        await assert_unique_rows(FACTORY, any_case=True, owner=ada, sku="a")
    with pytest.raises(AssertionError, match=r"unique: the database .* when name is the same"):
        await assert_unique_rows(FACTORY, name="a lamp")
    with pytest.raises(HarnessError, match="not told what is unique"):
        await assert_unique_rows(FACTORY)
    assert ada.name == "Ada"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("gone", r"deleted: DELETE .* answered 204, and the row is not kept.*\n  seen: items"),
        ("unmarked", "no column says that the row was deleted"),
        ("readable", r"GET /items/\d+ as User .* answered 200, although items\(\d+\) was deleted"),
        ("listed", r"GET /items as User .* and lists items\(\d+\), which was deleted"),
        ("counted", "says total = 1, as before"),
    ],
)
async def test_soft_deleted(client: Any, mine: Any, broken: Any, fault: str, said: str) -> None:
    with broken(fault, said):
        await assert_soft_deleted(client, f"/items/{mine.id}", mine, listed="/items")
    assert mine.deleted_at is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("any step", "transitions: PATCH .* answered 200, not 409, to go from draft to archived"),
        ("no step", "answered 409 to go from draft to active"),
        ("not written", "to go from draft to active, and the row does not"),
    ],
)
async def test_transitions(client: Any, mine: Any, broken: Any, fault: str, said: str) -> None:
    with broken(fault, said):
        await assert_transitions(client, f"/items/{mine.id}", mine, "status", NEXT)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("any step", r"transitions: POST /items/\d+/archive .* 200, not 409, to go from draft to"),
        ("not written", "archive as .* to go from active to archived, and the row does not"),
    ],
)
async def test_each_state_may_have_an_action(
    client: Any, mine: Any, broken: Any, fault: str, said: str
) -> None:
    with broken(fault, said):
        actions = {"archived": "archive"}
        await assert_transitions(client, f"/items/{mine.id}", mine, "status", NEXT, actions=actions)


async def test_states_may_be_given_by_their_values(client: Any, mine: Any) -> None:
    steps = {"draft": ["active"], "active": ["archived"], "archived": ["draft"]}
    with pytest.raises(AssertionError, match="answered 409 to go from archived to draft"):
        await assert_transitions(client, f"/items/{mine.id}", mine, "status", steps)


@pytest.mark.real_commits
async def test_what_cannot_be_undone_is_not_begun(client: Any, mine: Any) -> None:
    with pytest.raises(HarnessError, match="marked real_commits"):
        await assert_not_found(client, "/items/123456")


async def test_what_nobody_can_mean_is_said(client: Any, mine: Any, foreign: Any) -> None:
    with pytest.raises(HarnessError, match="No route of the application answers GET /itemz"):
        await assert_not_found(client, "/itemz/1")
    with pytest.raises(HarnessError, match="does not name items"):
        await assert_not_found(client, "/items/123456", foreign)
    with pytest.raises(HarnessError, match="not told which field is unique"):
        await assert_unique(client, "/items", {"sku": "A"})
    with pytest.raises(HarnessError, match="has no column 'state'"):
        await assert_transitions(client, f"/items/{mine.id}", mine, "state", {})
    with pytest.raises(HarnessError, match="cannot play a pattern"):
        await assert_pages(object(), "/items", Item)  # type: ignore[call-overload]
