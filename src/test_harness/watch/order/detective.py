"""Plays a suite in several orders, and finds out which tests depend on which others.

A *victim* passes alone and fails after another test; a *brittle* test fails alone and passes after
another. Each is looked at with runs of its own, so that nothing is said that was not seen.

Source of the terms: A. Shi et al., iFixFlakies: A Framework for Automatically Fixing
Order-Dependent Flaky Tests, 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from test_harness.watch.order.score import Played
from test_harness.watch.order.search import needed
from test_harness.watch.order.shuffle import shuffled

AS_WRITTEN, REVERSED = "as written", "reversed"


class Play(Protocol):
    """Runs pytest once."""

    def __call__(self, tests: Sequence[str] | None, files: Iterable[str] | None = None) -> Played:
        """Run tests.

        Args:
            tests: Which, in their order; all, as they are written, when None.
            files: What is collected; the files of those tests when None.
        """


@dataclass(frozen=True)
class Dependence:
    """A test whose end depends on others.

    Args:
        test: Its name.
        others: After which others, in this order, it ends otherwise than alone; empty where they
            could not be told apart.
        passes_alone: Whether it does: then it is a victim, and else it is brittle.
        by_import: Whether it is enough that the file of the others is imported.
        said: What it failed with.
    """

    test: str
    others: tuple[str, ...]
    passes_alone: bool
    by_import: bool
    said: str


@dataclass
class Report:
    """What was found.

    Args:
        tests: All tests, as they are written.
        orders: Which tests failed in each order.
        dependences: Those that depend on others.
        unstable: Those that ended differently in runs that were alike.
        failing: Those that fail wherever they stand, and alone, with what they said.
        unexplored: Those that ended differently, and were too many to look at.
        broken: The files that cannot be collected, and why.
    """

    tests: tuple[str, ...]
    orders: Mapping[str, list[str]]
    dependences: list[Dependence] = field(default_factory=list)
    unstable: list[str] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)
    unexplored: list[str] = field(default_factory=list)
    broken: Mapping[str, str] = field(default_factory=dict)

    @property
    def dependent(self) -> set[str]:
        """The tests that do not end alike in every order."""
        return {*(one.test for one in self.dependences), *self.unstable, *self.unexplored}

    @property
    def isolation(self) -> float:
        """How many of a hundred tests end alike in every order and, where that was tried, alone."""
        total = len(self.tests)
        return 100 * (total - len(self.dependent)) / total if total else 100.0


class Detective:
    """Looks for dependences in one suite.

    Args:
        play: Runs pytest.
        say: Called with what goes on.
        most: How many tests it looks at that did not end alike.
    """

    def __init__(self, play: Play, say: Callable[[str], None], most: int) -> None:
        self._play, self._say, self._most = play, say, most
        self._orders: dict[str, Played] = {}
        self._found: list[Dependence] = []

    def look(self, seeds: Sequence[int], *, alone: bool = False) -> Report:
        """Play the suite as it is written, reversed, and in orders by chance.

        Args:
            seeds: What the orders by chance are drawn from.
            alone: Whether each test is run by itself as well.
        """
        written = self._play(None)
        tests = written.tests
        self._orders = {AS_WRITTEN: written}
        wanted = {REVERSED: tests[::-1]}
        wanted |= {f"seed {seed}": tuple(shuffled(tests, seed)) for seed in seeds}
        self._tell(AS_WRITTEN)
        for name, order in wanted.items() if len(tests) > 1 else ():
            self._orders[name] = self._play(order, _files(tests))
            self._tell(name)
        failed = {
            name: [test for test in played.tests if played.failed(test)]
            for name, played in self._orders.items()
        }
        report = Report(tests, failed, broken=written.broken)
        suspects = [test for test in tests if any(test in names for names in failed.values())]
        suspects.sort(key=self._fails_everywhere)
        healthy = [test for test in tests if test not in set(suspects)] if alone else []
        for number, test in enumerate((*suspects, *healthy)):
            if number < self._most or test in healthy:
                self._examine(test, report)
            elif not self._fails_everywhere(test):
                report.unexplored.append(test)
        report.dependences = self._found
        return report

    def _tell(self, name: str) -> None:
        played = self._orders[name]
        count = sum(played.failed(test) for test in played.tests)
        self._say(f"{name}: {len(played.ends)} tests, {count} failed")

    def _fails_everywhere(self, test: str) -> bool:
        return all(one.failed(test) for one in self._orders.values() if test in one.ends)

    def _examine(self, test: str, report: Report) -> None:
        """Find out about one test, and write it down."""
        alone = self._play([test])
        if test not in alone.ends:
            # It is called something else in each run.
            report.unstable.append(test)
            return
        fails_alone = alone.failed(test)
        others = [one for one in self._orders.values() if one.failed(test) is not fails_alone]
        if fails_alone and (not others or self._fails_everywhere(test)):
            report.failing[test] = alone.ends[test].said
            return
        if not others:
            if self._fails_everywhere(test):
                report.failing[test] = self._said(test)
            return
        before = min((_before(test, one.tests) for one in others), key=len)
        self._say(f"{test} {'fails' if fails_alone else 'passes'} alone; looking for what it needs")

        def ends_otherwise(tests: Sequence[str], files: Iterable[str] | None = None) -> bool:
            return self._play([*tests, test], files).failed(test) is not fails_alone

        all_files = _files(report.tests)
        culprits = self._known(before, ends_otherwise)
        # What does not hang on the order hangs on what is imported before any test runs.
        is_always_so = len(others) == len(self._orders)
        by_import = is_always_so and not culprits and ends_otherwise((), all_files)
        if by_import:
            files = [file for file in all_files if file not in _files([test])]
            culprits = needed(files, lambda some: ends_otherwise((), [*some, *_files([test])]))
        elif not culprits and not (before and ends_otherwise(before)):
            report.unstable.append(test)
            return
        elif not culprits:
            culprits = needed(before, ends_otherwise)
        said = alone.ends[test].said if fails_alone else self._said(test)
        found = Dependence(test, tuple(culprits), not fails_alone, by_import, said)
        self._found.append(found)

    def _known(
        self, before: Sequence[str], ends_otherwise: Callable[[Sequence[str]], bool]
    ) -> list[str]:
        """Return culprits of another test that are this one's as well: one run tells."""
        known = dict.fromkeys(one.others for one in self._found if one.others and not one.by_import)
        for others in list(known)[-3:]:
            if set(others) <= set(before) and ends_otherwise(others):
                return list(others)
        return []

    def _said(self, test: str) -> str:
        return next(one.ends[test].said for one in self._orders.values() if one.failed(test))


def _before(test: str, tests: Sequence[str]) -> list[str]:
    return list(tests[: tests.index(test)]) if test in tests else list(tests)


def _files(tests: Iterable[str]) -> list[str]:
    """Return the files that tests lie in, each once."""
    return list(dict.fromkeys(test.partition("::")[0] for test in tests))
