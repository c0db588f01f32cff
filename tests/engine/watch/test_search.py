"""Who depends on whom is found in few runs: played on suites that are functions, and at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence

import pytest

from test_harness.watch.order.detective import Detective, Report
from test_harness.watch.order.score import End, Played
from test_harness.watch.order.search import needed
from test_harness.watch.order.shuffle import shuffled

State = set[str]
Body = Callable[[State], bool]


class Suite:
    """Tests that are functions of what those before them left."""

    def __init__(self, imports: dict[str, str] | None = None, **bodies: Body) -> None:
        self.imports = imports or {}
        self.bodies = {f"test_it.py::{name}": body for name, body in bodies.items()}
        self.runs = 0

    def add(self, file: str, name: str, body: Body) -> None:
        self.bodies[f"{file}::{name}"] = body

    def play(self, tests: Sequence[str] | None, files: Iterable[str] | None = None) -> Played:
        self.runs += 1
        chosen = tuple(self.bodies if tests is None else tests)
        collected = files or {test.partition("::")[0] for test in (*chosen, *self._all(tests))}
        state = {self.imports[file] for file in collected if file in self.imports}
        ends = {}
        for test in chosen:
            passed = self.bodies[test](state)
            ends[test] = End("passed" if passed else "failed", "" if passed else "assert state")
        return Played(chosen, ends)

    def _all(self, tests: Sequence[str] | None) -> list[str]:
        return list(self.bodies) if tests is None else []

    def look(self, *seeds: int, alone: bool = False, most: int = 20) -> Report:
        return Detective(self.play, lambda _: None, most).look(seeds, alone=alone)


def sets(what: str) -> Body:
    def body(state: State) -> bool:
        state.add(what)
        return True

    return body


def takes_out(what: str) -> Body:
    def body(state: State) -> bool:
        state.discard(what)
        return True

    return body


def is_without(what: str) -> Body:
    return lambda state: what not in state


def needs(*what: str) -> Body:
    return lambda state: state.issuperset(what)


def fine(state: State) -> bool:
    return True


def shown(report: Report) -> list[tuple[str, str, tuple[str, ...], bool]]:
    return [
        (
            one.test.partition("::")[2],
            "victim" if one.passes_alone else "brittle",
            tuple(other.partition("::")[2] or other for other in one.others),
            one.by_import,
        )
        for one in report.dependences
    ]


def test_healthy_tests_end_alike() -> None:
    suite = Suite(a=fine, b=sets("x"), c=fine, d=takes_out("x"))
    report = suite.look(1, 2)
    assert (report.dependent, report.isolation) == (set(), 100.0)
    assert suite.runs == 4, "nothing is looked at that needs no look"


def test_a_victim_is_named_with_who_it_fails_after() -> None:
    suite = Suite(a=fine, polluter=sets("x"), b=fine, victim=is_without("x"), c=fine)
    report = suite.look()
    assert shown(report) == [("victim", "victim", ("polluter",), False)]
    assert report.dependences[0].said == "assert state"
    assert report.isolation == 80.0


def test_a_victim_that_stands_first_is_found_in_the_other_direction() -> None:
    suite = Suite(victim=is_without("x"), a=fine, polluter=sets("x"))
    assert shown(suite.look()) == [("victim", "victim", ("polluter",), False)]


def test_a_brittle_test_is_named_with_who_it_passes_after() -> None:
    suite = Suite(setter=sets("x"), a=fine, brittle=needs("x"))
    assert shown(suite.look()) == [("brittle", "brittle", ("setter",), False)]


def test_what_two_tests_do_together_is_found() -> None:
    suite = Suite(
        one=sets("x"), a=fine, two=sets("y"), b=fine, victim=lambda state: not {"x", "y"} <= state
    )
    assert shown(suite.look()) == [("victim", "victim", ("one", "two"), False)]


def test_what_takes_more_than_a_few_tests_is_said_to_depend_on_several() -> None:
    suite = Suite(victim=lambda state: len(state) < 6)
    for number in range(6):
        suite.add("test_it.py", f"set_{number}", sets(str(number)))
    assert shown(suite.look()) == [("victim", "victim", (), False)]


def test_who_cleans_up_between_hides_nothing() -> None:
    suite = Suite(
        first=sets("x"), cleaner=takes_out("x"), second=sets("x"), a=fine, victim=is_without("x")
    )
    assert shown(suite.look()) == [("victim", "victim", ("second",), False)]


def test_an_import_that_changes_something_is_named() -> None:
    suite = Suite(victim=is_without("imported"), imports={"test_other.py": "imported"})
    suite.add("test_fine.py", "a", fine)
    suite.add("test_other.py", "b", fine)
    assert shown(suite.look()) == [("victim", "victim", ("test_other.py",), True)]


def test_a_brittle_test_that_always_has_what_it_needs_is_found_alone() -> None:
    suite = Suite(brittle=needs("imported"), imports={"test_other.py": "imported"})
    suite.add("test_other.py", "b", fine)
    assert shown(suite.look()) == []
    assert shown(suite.look(alone=True)) == [("brittle", "brittle", ("test_other.py",), True)]


def test_a_test_that_is_brittle_after_any_of_several_is_found_alone() -> None:
    suite = Suite(one=sets("x"), brittle=needs("x"), two=sets("x"))
    assert shown(suite.look()) == []
    assert shown(suite.look(alone=True)) == [("brittle", "brittle", ("one",), False)]


def test_who_fails_everywhere_depends_on_nobody() -> None:
    suite = Suite(a=fine, red=lambda state: False)
    report = suite.look()
    assert report.dependent == set()
    assert report.failing == {"test_it.py::red": "assert state"}


def test_who_ends_by_chance_is_no_victim() -> None:
    ends = iter([True, False, *[True] * 20])
    suite = Suite(a=fine, flake=lambda state: next(ends))
    report = suite.look()
    assert (shown(report), report.unstable) == ([], ["test_it.py::flake"])


def test_many_victims_of_one_take_few_runs_each() -> None:
    suite = Suite(polluter=sets("x"))
    for number in range(10):
        suite.add("test_it.py", f"victim_{number}", is_without("x"))
    report = suite.look()
    assert {one.others for one in report.dependences} == {("test_it.py::polluter",)}
    assert len(report.dependences) == 10
    assert suite.runs <= 2 + 10 * 2 + 3


def test_what_is_too_much_to_look_at_is_said() -> None:
    suite = Suite(polluter=sets("x"), one=is_without("x"), two=is_without("x"))
    report = suite.look(most=1)
    assert len(report.dependences) == 1
    assert report.unexplored == ["test_it.py::two"]
    assert report.isolation == pytest.approx(33.3, abs=0.1)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 100, 1000])
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_of_many_is_found_in_logarithmic_time(size: int, place: float) -> None:
    candidates = [str(number) for number in range(size)]
    culprit = candidates[int(place * (size - 1))]
    tries = []

    def holds(some: Sequence[str]) -> bool:
        tries.append(some)
        return culprit in some

    assert needed(candidates, holds) == [culprit]
    assert len(tries) <= math.ceil(math.log2(size)) + 1


def test_a_seed_keeps_modules_and_classes_together_and_gives_one_order() -> None:
    tests = [
        f"{file}::{group}::test_{number}"
        for file in ("a.py", "b.py", "c.py")
        for group in ("TestOne", "TestTwo")
        for number in range(5)
    ]
    orders = {seed: shuffled(tests, seed) for seed in range(20)}
    assert orders[3] == shuffled(reversed(tests), 3)
    assert len({tuple(order) for order in orders.values()}) == 20
    for order in orders.values():
        assert sorted(order) == sorted(tests)
        groups = [test.rpartition("::")[0] for test in order]
        assert sum(one != other for one, other in itertools.pairwise(groups)) == 5


def test_a_test_keeps_its_place_whoever_is_left_out() -> None:
    tests = [f"a.py::test_{number}[{number}::x]" for number in range(30)]
    few = tests[::3]
    assert [test for test in shuffled(tests, 7) if test in few] == shuffled(few, 7)
