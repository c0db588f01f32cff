"""Shards: each test on one machine, whatever the order, and a proof that notices what is not so."""

from __future__ import annotations

import argparse
import random
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.settings.budgets import BudgetSettings
from test_harness.suite.results.run import new_test, suites, totals
from test_harness.suite.shards.merging import merged
from test_harness.suite.shards.plugin import Shard, shard_from
from test_harness.suite.shards.proving import problems
from test_harness.suite.shards.splitting import FILE, dealt, durations_text, read_durations

TESTS = [f"tests/test_a.py::test_{number}" for number in range(12)]
BY_ITSELF = {test: test for test in TESTS}

# ----------------------------------------------------------------------------------- who runs what


def loads(shards: dict[str, int], durations: dict[str, float]) -> list[float]:
    return [
        sum(durations[test] for test, shard in shards.items() if shard == number)
        for number in sorted({*shards.values()})
    ]


def test_each_shard_has_about_as_much_to_do() -> None:
    durations = {test: 2.0**number for number, test in enumerate(TESTS[:6])}
    shards = dealt({test: test for test in durations}, durations, 2)
    assert loads(shards, durations) == [32.0, 31.0]


def test_tests_of_which_nothing_is_known_are_dealt_evenly() -> None:
    shards = dealt(BY_ITSELF, {}, 3)
    assert [list(shards.values()).count(number) for number in (1, 2, 3)] == [4, 4, 4]


def test_a_new_test_counts_as_much_as_the_others() -> None:
    durations = dict.fromkeys(TESTS[:4], 10.0)
    shards = dealt({test: test for test in TESTS[:6]}, durations, 2)
    assert [list(shards.values()).count(number) for number in (1, 2)] == [3, 3]


def test_tests_that_took_no_time_are_not_all_for_one() -> None:
    shards = dealt(BY_ITSELF, dict.fromkeys(TESTS, 0.0), 2)
    assert [list(shards.values()).count(number) for number in (1, 2)] == [6, 6]


def test_the_order_in_which_tests_are_collected_does_not_count() -> None:
    durations = {test: float(number % 3) for number, test in enumerate(TESTS)}
    shuffled = random.Random(7).sample(TESTS, len(TESTS))
    assert dealt({test: test for test in shuffled}, durations, 3) == dealt(BY_ITSELF, durations, 3)


def test_what_belongs_together_stays_together() -> None:
    groups = dict.fromkeys(TESTS[:6], "tests/test_a.py::TestJourney") | {
        test: test for test in TESTS[6:]
    }
    shards = dealt(groups, {}, 2)
    assert {shards[test] for test in TESTS[:6]} == {1}
    assert {shards[test] for test in TESTS[6:]} == {2}


@pytest.mark.parametrize("text", ["", "3", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/2/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no shard"):
        shard_from(text)


def test_a_shard_is_a_number_of_several() -> None:
    assert shard_from("2/5") == Shard(2, 5)


# -------------------------------------------------------------------------------------- durations


def test_durations_are_read_as_they_were_written(tmp_path: Any) -> None:
    tests = [{**new_test(name), "seconds": {"setup": 0.5, "call": 0.123}} for name in ("b", "a")]
    (tmp_path / FILE).write_text(durations_text(tests))
    assert (tmp_path / FILE).read_text() == '{\n "a": 0.623,\n "b": 0.623\n}\n'
    assert read_durations(tmp_path / FILE) == {"a": 0.623, "b": 0.623}
    assert read_durations(tmp_path / "none.json") == {}


def test_short_tests_are_told_apart(tmp_path: Any) -> None:
    taken = {test: 0.001 * (1 + number % 4) for number, test in enumerate(TESTS)}
    tests = [{**new_test(name), "seconds": {"call": seconds}} for name, seconds in taken.items()]
    (tmp_path / FILE).write_text(durations_text(tests))
    shards = dealt(BY_ITSELF, read_durations(tmp_path / FILE), 3)
    assert loads(shards, taken) == pytest.approx([0.01] * 3)


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": "long"}', '{"a": null}'])
def test_durations_that_are_none_are_refused(tmp_path: Any, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(HarnessError, match="does not say how long tests take"):
        read_durations(tmp_path / FILE)


# --------------------------------------------------------------------------------------- the proof


def shard(number: int, chosen: list[str], **changed: Any) -> dict[str, Any]:
    tests = [{**new_test(name), "outcome": "passed"} for name in changed.pop("ran", chosen)]
    noted = {"number": number, "of": 2, "collected": TESTS[:4], "chosen": chosen}
    return {
        "schema": 1,
        "began": f"2026-01-01T00:00:0{number}+00:00",
        "seconds": float(number),
        "exit_status": 0,
        "seed": 7,
        "workers": 0,
        "arguments": [],
        "versions": {},
        "totals": totals(tests),
        "targets": [],
        "not_collected": [],
        "suites": suites(tests),
        "tests": tests,
        "shard": {**noted, **changed.pop("shard", {})},
        **changed,
    }


HALVES = TESTS[:2], TESTS[2:4]


def both(**of_the_second: Any) -> list[dict[str, Any]]:
    return [
        shard(1, HALVES[0]),
        shard(2, of_the_second.pop("chosen", HALVES[1]), **of_the_second),
    ]


def test_two_halves_are_a_whole() -> None:
    assert list(problems(both(), 2)) == []


def test_a_shard_without_a_test_is_none_the_worse() -> None:
    runs = [shard(1, TESTS[:4]), shard(2, [], exit_status=5)]
    assert list(problems(runs, 2)) == []


def test_a_test_that_is_in_no_shard_is_named() -> None:
    assert list(problems(both(chosen=TESTS[3:4]), 2)) == [f"In no shard: {TESTS[2]}."]


def test_a_test_that_is_in_two_shards_is_named() -> None:
    assert list(problems(both(chosen=TESTS[1:4]), 2)) == [f"In more than one shard: {TESTS[1]}."]


def test_a_test_that_a_shard_has_twice_is_named() -> None:
    runs = both(chosen=[TESTS[2], TESTS[2], TESTS[3]])
    assert list(problems(runs, 2)) == [f"In more than one shard: {TESTS[2]}."]


def test_a_shard_that_crashed_is_named() -> None:
    said = list(problems(both()[:1], 2))
    assert said == [
        "Shard 2 of 2 left no results: its machine failed, or was stopped before its tests had "
        "ended.",
        f"In no shard: {TESTS[2]}, {TESTS[3]}.",
    ]


def test_a_shard_that_ended_early_is_named_with_what_it_did_not_run() -> None:
    runs = both(ran=TESTS[2:3], exit_status=1)
    assert list(problems(runs, 2)) == [
        f"Shard 2 ended before it had run all of its own: {TESTS[3]}.",
        "Shard 2 is red: pytest ended with 1.",
    ]


def test_shards_that_see_other_tests_are_named() -> None:
    runs = both(shard={"collected": [*TESTS[1:4], TESTS[5]]})
    said = list(problems(runs, 2))
    assert (
        f"Shard 1 collected what shard 2 did not, so that they cannot share the suite: {TESTS[0]}"
        in said[0]
    )
    assert (
        f"Shard 2 collected what shard 1 did not, so that they cannot share the suite: {TESTS[5]}"
        in said[1]
    )
    assert said[2:] == [f"In no shard: {TESTS[5]}."]


def test_a_shard_of_other_ones_and_one_that_is_there_twice_are_named() -> None:
    runs = [*both(shard={"of": 3}), shard(1, HALVES[0])]
    assert list(problems(runs, 2)) == [
        "Shard 1 is there 2 times: take the results of one run only.",
        "Shard 2 was one of 3, and not of 2.",
        f"In more than one shard: {TESTS[0]}, {TESTS[1]}.",
    ]


def test_what_nobody_chose_is_named() -> None:
    assert list(problems(both(ran=[*HALVES[1], "tests/test_b.py::test"]), 2)) == [
        "Executed by a shard that they were not for: tests/test_b.py::test."
    ]


def test_of_many_tests_some_are_named() -> None:
    runs = both(shard={"collected": [*TESTS[:4], *(f"t.py::test_{it:02}" for it in range(30))]})
    assert list(problems(runs, 2))[-1].endswith("t.py::test_19 and 10 more.")


def test_one_run_is_made_of_those_of_the_shards() -> None:
    whole = merged(both(exit_status=1), BudgetSettings())
    assert [it["id"] for it in whole["tests"]] == TESTS[:4]
    assert (whole["began"], whole["seconds"]) == ("2026-01-01T00:00:01+00:00", 2.0)
    assert (whole["totals"]["tests"], whole["exit_status"]) == (4, 1)
    assert "shard" not in whole
