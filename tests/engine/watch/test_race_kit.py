"""What a race says of how it ended, and how participants meet, with the smallest of databases."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from test_harness.application import exchanges
from test_harness.application.evidence import evidence_of
from test_harness.application.exchanges import Exchange
from test_harness.errors import HarnessError
from test_harness.watch import race_async, race_sync
from test_harness.watch.race_meeting import Meeting, Participant, RaceError, Step, trouble_of
from test_harness.watch.race_outcomes import Outcome, Outcomes
from test_harness.watch.race_setup import calls_of
from tests.projects import project_in
from tests.worlds import build_tree

from ..test_settings import SETTINGS


def answer(status: int, **body: Any) -> Any:
    return SimpleNamespace(status_code=status, **body)


def outcomes_of(*values: Any, troubles: dict[int, str] | None = None) -> Outcomes:
    """Return the outcomes of a race that never was."""
    meeting = Meeting(len(values))
    for number, trouble in (troubles or {}).items():
        meeting.participants[number].troubles.append(trouble)
    outcomes = [
        Outcome(number, error=value) if isinstance(value, Exception) else Outcome(number, value)
        for number, value in enumerate(values)
    ]
    return Outcomes(outcomes, meeting)


REFUSED = IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed"))

HOLDS: dict[str, Callable[[], Any]] = {
    "one wins": lambda: outcomes_of(answer(201), answer(409)).assert_one_won(),
    "one wins and an error is clean": lambda: outcomes_of(1, REFUSED).assert_one_won(
        refused=IntegrityError
    ),
    "all win": lambda: outcomes_of(answer(200), answer(302)).assert_all_won(),
    "all have their own": lambda: outcomes_of(1, 2).assert_unique(lambda value: value),
    "nothing is lost": lambda: outcomes_of(None, None).assert_none_lost(5, 25, each=10),
    "what was refused does not count": lambda: outcomes_of(
        answer(200), answer(409)
    ).assert_none_lost(5, 6),
    "one answer": lambda: outcomes_of(
        answer(200, id=1), answer(200, id=1), answer(409, id=None)
    ).assert_same_answer(lambda value: value.id),
    "one is made": lambda: outcomes_of(None, None).assert_made(1),
    "a deadlock that was tried again": lambda: outcomes_of(
        1, 2, troubles={0: "a deadlock"}
    ).assert_all_won(),
}
FAILS: dict[str, tuple[Callable[[], Any], str]] = {
    "two win": (
        lambda: outcomes_of(answer(201), answer(201)).assert_one_won(),
        "2 of 2 got what only one",
    ),
    "nobody wins": (
        lambda: outcomes_of(answer(409), answer(409)).assert_one_won(),
        "0 of 2 got what only one",
    ),
    "an error of the server": (
        lambda: outcomes_of(answer(201), answer(500)).assert_one_won(),
        "participant 1 was answered 500, which is no refusal",
    ),
    "an exception": (
        lambda: outcomes_of(answer(201), REFUSED).assert_one_won(),
        "participant 1 ended in IntegrityError",
    ),
    "one is refused": (
        lambda: outcomes_of(answer(200), answer(409)).assert_all_won(),
        "1 of 2 that did the same at once did not get it",
    ),
    "two have the same": (
        lambda: outcomes_of(7, 8, 7).assert_unique(lambda value: value),
        "3 creates at once share 7",
    ),
    "an update is lost": (
        lambda: outcomes_of(None, None).assert_none_lost(5, 6),
        "a lost update: 2 of 2 succeeded, and the value went from 5 to 6, not to 7",
    ),
    "two are made": (lambda: outcomes_of(None, None).assert_made(2), "a double submit"),
    "two answers": (
        lambda: outcomes_of(1, 2).assert_same_answer(lambda value: value),
        "one idempotency key gave 2 answers: 1, 2",
    ),
    "a deadlock": (
        lambda: outcomes_of(1, ValueError("x"), troubles={1: "a deadlock at x"}).assert_one_won(
            refused=ValueError
        ),
        "participant 1 ended in a deadlock at x",
    ),
}


@pytest.mark.parametrize("check", HOLDS.values(), ids=HOLDS)
def test_what_holds_passes(check: Callable[[], Any]) -> None:
    check()


@pytest.mark.parametrize(("check", "said"), FAILS.values(), ids=FAILS)
def test_what_does_not_hold_is_named(check: Callable[[], Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said) as failure:
        check()
    assert "\n  Fix: " in str(failure.value)


def test_a_read_that_was_held_up_is_named() -> None:
    outcomes = outcomes_of(1, 2)
    outcomes.absent[1] = Step("read", "SELECT 1 FOR UPDATE", "app/x.py:7")
    with pytest.raises(AssertionError, match=r"participant 1 could not go on at app/x\.py:7"):
        outcomes.assert_not_blocked()


def test_who_waited_for_a_pool_was_not_held_up_by_a_read() -> None:
    outcomes = outcomes_of(1, 2)
    outcomes.absent[1] = None
    outcomes.assert_not_blocked()


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (SimpleNamespace(sqlstate="40P01", args=()), "a deadlock"),
        (SimpleNamespace(pgcode="55P03", args=()), "a wait for a lock in vain"),
        # What MySQL says of a deadlock comes with the state of another error.
        (SimpleNamespace(sqlstate="40001", args=(1213, "Deadlock found")), "a deadlock"),
        (sqlite3.OperationalError("database is locked"), "a wait for a lock in vain"),
        (sqlite3.OperationalError("no such table"), ""),
    ],
)
def test_what_others_have_to_do_with_an_error(error: Any, trouble: str) -> None:
    assert trouble_of(error) == trouble


@pytest.mark.parametrize("n", [1, 0])
def test_nobody_races_alone(n: int) -> None:
    with pytest.raises(RaceError, match=f"A race of {n} was asked for"):
        calls_of(n, print)


def test_what_there_is_to_do_is_done_in_turn() -> None:
    assert calls_of(3, print, str) == [print, str, print]
    with pytest.raises(RaceError, match="with 3 to do"):
        calls_of(2, print, str, repr)


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Iterator[None]:
    build_tree(tmp_path / "tests", {"harness.toml": SETTINGS})
    with project_in(tmp_path / "tests"):
        yield


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (value INT)"))
        connection.execute(text("INSERT INTO counters VALUES (0)"))
    return engine


def count(engine: Engine) -> Callable[[int], None]:
    def add(_: int) -> None:
        with engine.begin() as connection:
            value = connection.execute(text("SELECT value FROM counters")).scalar() or 0
            connection.execute(text("UPDATE counters SET value = :v"), {"v": value + 1})

    return add


def race(calls: list[Callable[[int], Any]], **options: Any) -> Outcomes:
    seconds = options.pop("seconds", 10)
    return race_sync.run_race(calls, Meeting(len(calls), **options), seconds)


def test_an_update_is_lost_each_time(engine: Engine) -> None:
    for _ in range(20):
        with engine.begin() as connection:
            connection.execute(text("UPDATE counters SET value = 0"))
        outcomes = race([count(engine)] * 2)
        with engine.connect() as connection:
            after = connection.execute(text("SELECT value FROM counters")).scalar()
        with pytest.raises(AssertionError, match="a lost update"):
            outcomes.assert_none_lost(0, after)
    engine.dispose()


def test_who_keeps_others_out_goes_on_alone(engine: Engine) -> None:
    turn, add = threading.Lock(), count(engine)

    def in_turn(number: int) -> None:
        with turn:
            add(number)

    began = time.monotonic()
    outcomes = race([in_turn] * 3, patience=0.1)
    assert time.monotonic() - began < 5
    with engine.connect() as connection:
        outcomes.assert_none_lost(
            0, connection.execute(text("SELECT value FROM counters")).scalar()
        )
    assert set(outcomes.absent.values()) == {None}
    engine.dispose()


def test_who_computes_is_waited_for(engine: Engine) -> None:
    add = count(engine)

    def hash_first(number: int) -> None:
        until = time.thread_time() + 0.3
        while time.thread_time() < until:
            pass
        add(number)

    outcomes = race([hash_first, add], patience=0.1)
    assert outcomes.absent == {}
    engine.dispose()


def test_one_connection_for_all_is_refused() -> None:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )

    def ask(_: int) -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    with pytest.raises(RaceError, match=r"one connection for all .StaticPool"):
        race([ask] * 2)
    engine.dispose()


def test_an_error_is_an_outcome(engine: Engine) -> None:
    def ask(number: int) -> int:
        if number:
            with engine.connect() as connection:
                connection.execute(text("SELECT nothing"))
        return number

    first, second = race([ask] * 2)
    assert first.value == 0
    assert isinstance(second.error, OperationalError)
    engine.dispose()


def test_threads_that_never_end_are_told() -> None:
    never = threading.Event()
    with pytest.raises(HarnessError, match=r"2 participants .* did not end within 0\.2 seconds"):
        race([lambda _: never.wait()] * 2, seconds=0.2)
    never.set()


def test_tasks_that_never_end_are_told_and_ended() -> None:
    ended = []

    async def wait(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    with pytest.raises(HarnessError, match=r"2 participants .* did not end within 0\.2 seconds"):
        asyncio.run(race_async.run_race([wait] * 2, Meeting(2), 0.2))
    assert ended == [0, 1]


def test_a_meeting_leaves_nothing_behind(engine: Engine) -> None:
    meeting = Meeting(2)
    race_sync.run_race([count(engine)] * 2, meeting, 10)
    steps = [len(one.steps) for one in meeting.participants]
    with meeting.taking_part(Participant(0)):
        count(engine)(0)
    assert [len(one.steps) for one in meeting.participants] == steps
    engine.dispose()


def test_what_was_seen_of_a_race_is_how_its_loser_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    signup = Exchange("POST", "/signup", answer="201")
    monkeypatch.setattr(exchanges, "latest", lambda: signup)
    with pytest.raises(AssertionError) as failure:
        outcomes_of(answer(201), REFUSED).assert_refused_cleanly()
    seen = evidence_of(failure.value)
    assert seen is not None
    assert (seen.route, seen.answer.partition(":")[0]) == ("POST /signup", "IntegrityError")


def test_a_loser_that_was_answered_is_what_was_seen() -> None:
    request = SimpleNamespace(method="POST", url=SimpleNamespace(path="/signup"))
    with pytest.raises(AssertionError) as failure:
        outcomes_of(answer(201), answer(500, request=request)).assert_refused_cleanly()
    seen = evidence_of(failure.value)
    assert seen is not None
    assert (seen.route, seen.answer) == ("POST /signup", "500")


def test_of_two_that_win_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "latest", lambda: None)
    with pytest.raises(AssertionError) as failure:
        outcomes_of(answer(201), answer(201)).assert_one_won()
    assert not hasattr(failure.value, "seen")
