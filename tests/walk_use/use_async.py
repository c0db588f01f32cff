"""What the driver of the walk does with an application. The synchronous twin is derived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kiosk.models import Entry, Impossible, Item, Team, labels
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from test_harness.doubles.mail import sent
from test_harness.factories.base import bound_session, factory_for
from test_harness.settings import correct, settings
from test_harness.walk.driving_async import drive
from test_harness.walk.steps import Aside, Sending, Steps
from test_harness.walk.touched import has_hidden_writes
from test_harness.walk.visit import Request, Visit
from test_harness.walk.world import World, build_world

# Elsewhere one cannot be made within a transaction.
TRIGGER = {
    "postgresql": (
        "CREATE FUNCTION nothing() RETURNS trigger AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
        "CREATE TRIGGER nothing BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION nothing()",
    )
}.get(settings().database.engine, ())
Walk = Callable[[Callable[[World], Steps[Any]]], Any]


@pytest.fixture
def walk(make_client: Any, credential_of: Any, db: Any) -> Walk:
    """Return a function that takes steps in a world."""

    def steps(then: Callable[[World], Steps[Any]]) -> Steps[Any]:
        world = yield from build_world()
        return (yield from then(world))

    async def taken(then: Callable[[World], Steps[Any]]) -> Any:
        return await drive(steps(then), make_client, db)

    return taken


@pytest.fixture
def hasty() -> Iterator[None]:
    """Give each request a second."""
    correct({"limits.request": 1})
    yield
    correct({})


def asked(world: World, said: str, who: str = "owner", **more: Any) -> Sending:
    method, path = said.split()
    return Sending(Request(method, path), who, world.principals[who].credential, **more)


def one(said: str) -> Callable[[World], Steps[Visit]]:
    """Send one request, and see what is there afterwards."""

    def steps(world: World) -> Steps[Visit]:
        before = yield rows
        visit = yield asked(world, said)
        after = yield rows
        assert after == before, f"{said} left something"
        items = yield asked(world, "GET /items")
        assert items.json == [world.ours["items"]["name"]]
        assert not items.changes
        return visit

    return steps


def rows() -> list[Any]:
    session = bound_session()
    counts = [session.scalar(select(func.count()).select_from(it)) for it in (Item, labels, Entry)]
    return [*counts, *session.execute(select(Item.id, Item.name).order_by(Item.id))]


async def test_what_is_committed_is_told_and_undone(walk: Walk) -> None:
    visit = await walk(one("POST /items"))
    assert (visit.status, visit.opens, visit.error) == (201, True, "")
    added = sorted((change.table, change.after["name"]) for change in visit.changes)
    assert added == [("items", "committed"), ("labels", "twice"), ("labels", "twice")]
    assert [change.before for change in visit.changes] == [None] * 3
    inserted = next(it for it in visit.statements if "INSERT INTO items" in it.sql)
    assert inserted.where.startswith("kiosk/app.py:")
    assert "committed" in str(inserted.parameters)


async def test_what_is_changed_is_told_with_what_it_was(walk: Walk) -> None:
    visit = await walk(one("PATCH /items"))
    [change] = visit.changes
    assert str(change).endswith("-> 'renamed'")
    assert change.before["id"] == change.after["id"] == change.key[0]


async def test_what_is_deleted_is_told(walk: Walk) -> None:
    visit = await walk(one("DELETE /items"))
    [change] = visit.changes
    assert change.after is None
    assert "was deleted" in str(change)


async def test_what_is_rolled_back_is_no_change(walk: Walk) -> None:
    visit = await walk(one("POST /refused"))
    assert (visit.status, visit.refuses, visit.changes) == (409, True, ())
    assert any("INSERT" in it.sql for it in visit.statements)


async def test_what_stays_of_a_refused_request_is_told(walk: Walk) -> None:
    visit = await walk(one("POST /half"))
    assert visit.refuses
    assert [change.table for change in visit.changes] == ["items"]


@pytest.mark.parametrize("path", ["/left", "/broken"])
async def test_what_a_session_that_is_left_open_wrote_is_no_change(walk: Walk, path: str) -> None:
    def twice(world: World) -> Steps[list[Visit]]:
        first = yield asked(world, f"POST {path}")
        second = yield asked(world, "POST /items")
        return [first, second]

    first, second = await walk(twice)
    assert (first.status, first.changes, first.lost) == (200, (), "")
    assert [change.table for change in second.changes if change.after].count("items") == 1


@pytest.mark.parametrize("path", ["/later", "/task"])
async def test_what_is_written_after_the_answer_is_of_the_request(walk: Walk, path: str) -> None:
    visit = await walk(one(f"POST {path}"))
    assert [change.table for change in visit.changes] == ["items" if path == "/later" else "labels"]


async def test_what_another_engine_commits_is_told_and_undone(walk: Walk) -> None:
    visit = await walk(one("POST /beside"))
    assert [change.table for change in visit.changes] == ["items"]


async def test_what_is_written_to_another_database_is_told_and_undone(walk: Walk) -> None:
    visit = await walk(one("POST /audit"))
    assert [change.table for change in visit.changes] == ["entries"]


async def test_what_the_harness_warns_of_is_said_of_the_request(walk: Walk) -> None:
    visit = await walk(one("POST /crossed"))
    assert visit.status == 200
    [warning] = visit.warnings
    assert "rolled back a transaction that began before another one wrote" in warning
    assert not visit.lost


async def test_what_the_application_warns_of_reaches_the_test(walk: Walk) -> None:
    with pytest.warns(FutureWarning, match="old"):
        visit = await walk(one("GET /old"))
    assert visit.warnings == ()


async def test_who_ends_the_transaction_of_the_test_is_told_and_a_new_world_is_whole(
    walk: Walk,
) -> None:
    def steps(world: World) -> Steps[list[Any]]:
        visit = yield asked(world, "POST /gone")
        again = yield from build_world()
        after = yield asked(again, "POST /items")
        items = yield asked(again, "GET /items")
        return [visit, after, items, again]

    visit, after, items, again = await walk(steps)
    assert visit.lost
    assert (after.status, after.lost) == (201, "")
    assert [it.table for it in after.changes].count("items") == 1
    assert items.json == [again.ours["items"]["name"]]


async def test_nothing_of_that_is_left_for_the_next_test(walk: Walk) -> None:
    def counted(world: World) -> Steps[list[Any]]:
        found = yield rows
        return found

    found = await walk(counted)
    assert found[:3] == [2, 0, 2]


async def test_a_redirect_is_not_followed(walk: Walk) -> None:
    visit = await walk(one("GET /moved"))
    assert (visit.status, visit.headers["Location"]) == (307, "/moved")


@pytest.mark.usefixtures("hasty")
async def test_what_sleeps_is_cut_off(walk: Walk) -> None:
    began = time.monotonic()
    visit = await walk(one("GET /sleep"))
    assert time.monotonic() - began < 8
    assert (visit.status, visit.ended, visit.refuses) == (0, False, True)
    assert "kiosk/ways.py" in visit.error


async def test_what_is_raised_is_told_with_its_line(walk: Walk) -> None:
    visit = await walk(one("GET /raise"))
    assert visit.status == 0
    assert visit.error.startswith("ValueError: of the application (kiosk/app.py:")
    assert visit.ended


async def test_who_ends_the_process_ends_a_request(walk: Walk) -> None:
    visit = await walk(one("GET /exit"))
    assert visit.error.startswith("SystemExit: 3")


async def test_mails_go_with_the_request(walk: Walk) -> None:
    visit = await walk(one("POST /mail"))
    assert visit.status == 200
    assert sent().messages == []


async def test_what_is_to_stay_stays(walk: Walk) -> None:
    def steps(world: World) -> Steps[list[Any]]:
        visit = yield asked(world, "POST /items", undone=False)
        undone = yield asked(world, "POST /items")
        items = yield asked(world, "GET /items")
        return [visit, undone, items]

    visit, undone, items = await walk(steps)
    assert [it.table for it in visit.changes].count("items") == 1
    assert [it.table for it in undone.changes].count("items") == 1
    assert len(items.json) == 2


async def test_steps_aside_are_undone(walk: Walk) -> None:
    def aside(world: World) -> Steps[list[Any]]:
        def more() -> None:
            team = bound_session().get(Team, world.ours["teams"]["id"])
            for _ in range(2):
                factory_for(Item).create(team=team)

        yield more
        created = yield asked(world, "POST /items")
        inner = yield asked(world, "GET /items")
        return [created, inner.json]

    def steps(world: World) -> Steps[list[Any]]:
        before = yield rows
        created, inner = yield Aside(aside(world))
        assert (yield rows) == before
        items = yield asked(world, "GET /items")
        return [created, inner, items.json]

    created, inner, items = await walk(steps)
    assert [it.table for it in created.changes].count("items") == 1
    assert (len(inner), len(items)) == (3, 1)


async def test_what_fails_aside_leaves_the_world_as_it_is(walk: Walk) -> None:
    def aside() -> Steps[None]:
        yield lambda: factory_for(Team).create(id=1)
        yield lambda: factory_for(Team).create(id=1)

    def steps(world: World) -> Steps[Any]:
        before = yield rows
        with pytest.raises(IntegrityError):
            yield Aside(aside())
        assert (yield rows) == before
        items = yield asked(world, "GET /items")
        return items.json

    assert len(await walk(steps)) == 1


async def test_those_who_ask_are_who_they_say(walk: Walk) -> None:
    def steps(world: World) -> Steps[dict[str, Any]]:
        found = {}
        for name in world.principals:
            who = yield asked(world, "GET /me", name)
            items = yield asked(world, "GET /items", name)
            found[name] = (who.status, items.json if items.opens else None)
            if who.opens:
                assert who.json["id"] == world.principals[name].user["id"]
        return [world, found]

    world, found = await walk(steps)
    ours, theirs = ([side["items"]["name"]] for side in (world.ours, world.theirs))
    assert found == {
        "anonymous": (401, None),
        "owner": (200, ours),
        "stranger": (200, theirs),
        "role:owner": (200, ours),
        "role:editor": (200, ours),
        "role:reader": (200, ours),
        "member": (200, ours),
        "admin": (200, ours),
        "removed": (200, []),
        "inactive": (401, None),
    }
    assert world.roles == ("owner", "editor", "reader")


async def test_rows_of_a_side_belong_together(walk: Walk) -> None:
    def steps(world: World) -> Steps[World]:
        yield rows
        return world

    world = await walk(steps)
    for side in (world.ours, world.theirs):
        assert side["items"]["team_id"] == side["teams"]["id"] == side["memberships"]["team_id"]
        assert side["items"]["author_id"] == side["users"]["id"] == side["memberships"]["user_id"]
        assert side["memberships"]["role"].value == "owner"
    assert world.ours["items"]["id"] != world.theirs["items"]["id"]
    assert world.principals["owner"].user == world.ours["users"]
    assert [model.__name__ for model in world.missing] == ["Impossible"]
    assert "nobody makes one of these" in world.missing[Impossible]


async def test_a_world_may_be_small(make_client: Any, credential_of: Any, db: Any) -> None:
    world = await drive(build_world([Team], ["admin"]), make_client, db)
    assert {*world.ours} == {"teams", "users", "memberships"}
    assert {*world.principals} == {"anonymous", "owner", "stranger", "admin"}


async def test_a_database_without_triggers_is_asked_for_what_statements_name(walk: Walk) -> None:
    def steps(world: World) -> Steps[list[bool]]:
        before = yield lambda: has_hidden_writes(bound_session().connection())
        after = yield Aside(with_trigger())
        return [before, after]

    def with_trigger() -> Steps[bool]:
        def hides() -> bool:
            connection = bound_session().connection()
            for statement in TRIGGER:
                connection.execute(text(statement))
            return has_hidden_writes(connection)

        return (yield hides)

    before, after = await walk(steps)
    assert (before, after) == (False, bool(TRIGGER))
