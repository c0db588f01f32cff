"""What a flake depends on is told from the runs that it fails in: on tests that are functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest

from test_harness.watch.flakes.hunt import Hunt, Report
from test_harness.watch.flakes.variations import KINDS, changes, moments, variations
from test_harness.watch.order.score import End, Played, Score

NOW = datetime(2026, 11, 30, 8, tzinfo=timezone.utc)
TEST, OTHER = "test_it.py::test_it", "test_it.py::test_other"
# Tells whether a test passes: what is played, whether the cores are busy, how many runs there were.
Body = Callable[[Score, bool, int], bool]


def hunt(body: Body, times: int = 3) -> tuple[Report, int]:
    runs = count()

    def play(score: Score, *, is_busy: bool = False) -> Played:
        tests = score.tests or (TEST, OTHER)
        passed = body(score, is_busy, next(runs))
        ends = {TEST: End("passed" if passed else "failed", "" if passed else "assert it")}
        return Played(tests, {**ends, OTHER: End("passed")})

    report = Hunt(play, lambda _: None, times).look(Score(seed=7, hash_seed=7), NOW)
    return report, next(runs)


def causes(body: Body) -> list[tuple[str, str]]:
    report, _ = hunt(body)
    assert {one.test for one in report.flakes} <= {TEST}
    return [(one.cause, ", ".join(one.shown)) for one in report.flakes]


def local(score: Score) -> timedelta:
    """Return how far the local time is from UTC where a score is played."""
    hours = {"Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11}
    moment = datetime.fromisoformat(score.clock) if score.clock else NOW
    berlin = 2 if 4 <= moment.month <= 10 else 1
    return timedelta(hours=hours.get(score.zone, berlin if score.zone else 0))


@pytest.mark.parametrize(
    ("cause", "shown", "body"),
    [
        ("seed", "8, 10", lambda score, busy, run: score.seed % 2 == 1),
        ("hash seed", "8, 10", lambda score, busy, run: score.hash_seed % 2 == 1),
        ("order", "reversed", lambda score, busy, run: score.tests != (OTHER, TEST)),
        ("time zone", "Pacific/Pago_Pago", lambda score, busy, run: local(score) >= timedelta(0)),
        ("clock", "leap day", lambda score, busy, run: "-02-29" not in score.clock),
        ("clock", "end of the month", lambda score, busy, run: "-31" not in score.clock),
        (
            "clock change",
            "as the clock goes forward",
            lambda score, busy, run: not (score.zone and score.clock),
        ),
        ("load", "busy cores", lambda score, busy, run: not busy),
        ("itself", "1 of 3 runs that are alike", lambda score, busy, run: run != 1),
        ("itself", "8", lambda score, busy, run: run != 3),
        ("itself", "busy cores", lambda score, busy, run: run < 17),
    ],
)
def test_each_cause_is_named(cause: str, shown: str, body: Body) -> None:
    found = causes(body)
    assert [name for name, _ in found] == [cause]
    assert shown in found[0][1]


def test_a_local_time_is_no_matter_of_the_change_of_clocks() -> None:
    assert [cause for cause, _ in causes(lambda score, *_: not local(score))] == ["time zone"]


def test_a_date_is_no_matter_of_the_change_of_clocks() -> None:
    [(cause, shown)] = causes(lambda score, *_: not score.clock.startswith("2027-10"))
    assert (cause, "hour that comes twice" in shown) == ("clock", True)


def test_a_zone_that_only_the_change_of_clocks_is_tried_in_is_a_zone() -> None:
    assert [cause for cause, _ in causes(lambda score, *_: "Berlin" not in score.zone)] == [
        "time zone"
    ]


def test_what_fails_today_alone_depends_on_the_clock() -> None:
    report, _ = hunt(lambda score, *_: bool(score.clock))
    assert {(one.cause, one.fails_plainly) for one in report.flakes} == {("clock", True)}


def test_two_causes_are_both_named() -> None:
    found = causes(lambda score, *_: score.seed == 7 and "-02-29" not in score.clock)
    assert [cause for cause, _ in found] == ["seed", "clock"]


def test_healthy_tests_are_repeated_once_for_each_variation() -> None:
    report, runs = hunt(lambda *_: True)
    assert (report.flakes, report.failing) == ([], {})
    assert runs == 3 + len(list(variations(Score(), (TEST, OTHER), NOW)))


def test_who_always_fails_is_no_flake() -> None:
    report, _ = hunt(lambda *_: False)
    assert (report.flakes, report.failing) == ([], {TEST: "assert it"})


def test_one_thing_is_changed_each_time() -> None:
    plain = Score(tests=(TEST, OTHER), seed=7, hash_seed=7)
    found = list(variations(plain, (TEST, OTHER), NOW))
    assert {one.kind for one in found} == set(KINDS)
    changed = {
        "seed": {"seed", "hash_seed"},
        "order": {"tests"},
        "time zone": {"zone"},
        "clock": {"clock"},
        "clock change": {"clock", "zone"},
        "load": {"is_hurried"},
    }
    for one in found:
        fields = {name for name, value in vars(one.score).items() if value != getattr(plain, name)}
        # Of two tests an order by chance may be the one that they are written in.
        assert fields == changed[one.kind] or (one.kind == "order" and not fields), one.name


def test_the_next_of_each_moment_is_taken() -> None:
    start = datetime(2026, 1, 1, 3, tzinfo=timezone.utc)
    for now in (start + timedelta(days=day) for day in range(1500)):
        known = {**moments(now), **changes(now)}
        assert min(known.values()) > now
        assert known["end of the month"].day == 31
        assert f"{known['end of the year']:%m-%d}" == "12-31"
        assert f"{known['leap day']:%m-%d}" == "02-29"
        spring, autumn = known["as the clock goes forward"], known["in the hour that comes twice"]
        assert (spring.month, (spring + timedelta(seconds=1)).weekday(), spring.day > 24) == (
            3, 6, True,
        )  # fmt: skip
        assert (autumn.month, autumn.weekday(), autumn.day > 24) == (10, 6, True)
