"""Repeats tests, each time with one thing changed, and says what those that mind depend on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from test_harness.watch.flakes.variations import (
    CLOCK,
    CLOCK_CHANGE,
    HASHES,
    KINDS,
    LOAD,
    SEED,
    ZONE,
    Variation,
    variations,
)
from test_harness.watch.order.score import Played, Score

ITSELF = "itself"


class Play(Protocol):
    """Runs pytest once."""

    def __call__(self, score: Score, *, is_busy: bool = False) -> Played:
        """Play a score.

        Args:
            score: What is played.
            is_busy: Whether the cores have much else to do.
        """


@dataclass(frozen=True)
class Flake:
    """A test that ends now so and now so.

    Args:
        test: Its name.
        cause: What it depends on: one of `KINDS`, or `itself` where runs that are alike end
            differently.
        shown: In which runs it ended otherwise than in the plain one.
        fails_plainly: Whether the plain run is the one that it fails in.
        said: What it failed with.
    """

    test: str
    cause: str
    shown: tuple[str, ...]
    fails_plainly: bool
    said: str


@dataclass
class Report:
    """What was found.

    Args:
        tests: What was repeated.
        flakes: Those that do not always end alike.
        failing: Those that failed in every run, with what they said.
        reruns: The plugins that would have hidden flakes, and were kept from it.
    """

    tests: tuple[str, ...]
    flakes: list[Flake] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)
    reruns: tuple[str, ...] = ()


class Hunt:
    """Looks for flakes.

    Args:
        play: Runs pytest.
        say: Called with what goes on.
        times: How often the plain run is repeated.
        kinds: What is changed.
    """

    def __init__(
        self, play: Play, say: Callable[[str], None], times: int, kinds: Sequence[str] = KINDS
    ) -> None:
        self._play, self._say, self._times, self._kinds = play, say, times, kinds
        self._plain = Score()
        self._alike: list[Played] = []
        self._varied: list[tuple[Variation, Played]] = []
        self._seen: dict[tuple[Score, int], Played] = {}

    def look(self, plain: Score, now: datetime) -> Report:
        """Repeat what a score plays.

        Args:
            plain: The run that the others differ from in one thing.
            now: The time, in UTC.
        """
        self._alike = [self._play(plain)]
        tests = self._alike[0].tests
        self._plain = replace(plain, tests=tests)
        for _ in range(1, self._times):
            self._alike.append(self._play(self._plain))
        self._say(f"as it is: {len(tests)} tests, {self._times} times")
        self._varied = []
        for one in variations(self._plain, tests, now):
            if one.kind in self._kinds:
                played = self._play(one.score, is_busy=one.is_busy)
                self._varied.append((one, played))
                self._say(f"{one.kind}: {one.name}")
        report = Report(tests, reruns=self._alike[0].reruns)
        for test in tests:
            self._judge(test, report)
        return report

    def _judge(self, test: str, report: Report) -> None:
        ended = [*self._alike, *(played for _, played in self._varied)]
        failures = [one for one in ended if one.failed(test)]
        if not failures:
            return
        said = failures[0].ends[test].said
        if all(one.failed(test) for one in ended if test in one.ends):
            report.failing[test] = said
            return
        plainly = {one.failed(test) for one in self._alike}
        if len(plainly) > 1:
            count = sum(one.failed(test) for one in self._alike)
            alike = f"{count} of {len(self._alike)} runs that are alike"
            report.flakes.append(Flake(test, ITSELF, (alike,), fails_plainly=True, said=said))
            return
        fails_plainly = plainly.pop()
        other = [
            one
            for one, played in self._varied
            if test in played.ends and played.failed(test) is not fails_plainly
        ]
        kinds = [kind for kind in KINDS if any(one.kind == kind for one in other)]
        # Those that are changed along with another thing are explained by that alone.
        if ZONE in kinds and CLOCK_CHANGE in kinds:
            kinds.remove(CLOCK_CHANGE)
        causes: dict[str, list[str]] = {}
        for kind in kinds:
            of_kind = [one for one in other if one.kind == kind]
            cause = self._confirmed(test, of_kind[0], fails_plainly=fails_plainly)
            causes.setdefault(cause, []).extend(one.name for one in of_kind)
        for cause, names in causes.items():
            report.flakes.append(Flake(test, cause, tuple(names), fails_plainly, said))

    def _confirmed(self, test: str, one: Variation, *, fails_plainly: bool) -> str:
        """Return what a test depends on: what was changed, unless it ends differently without."""

        def ends_otherwise(score: Score, time: int = 0) -> bool:
            return self._once_more(score, time).failed(test) is not fails_plainly

        score = one.score
        if one.kind == LOAD:
            # Who fails now and then without it is to be seen without it, as often.
            return ITSELF if any(ends_otherwise(self._plain, time) for time in (1, 2)) else LOAD
        if one.kind == SEED:
            if ends_otherwise(replace(score, hash_seed=self._plain.hash_seed)):
                return SEED
            if ends_otherwise(replace(score, seed=self._plain.seed)):
                return HASHES
        if one.kind == CLOCK_CHANGE:
            if ends_otherwise(replace(score, clock="")):
                return ZONE
            if ends_otherwise(replace(score, zone="")):
                return CLOCK
        return one.kind if ends_otherwise(score) else ITSELF

    def _once_more(self, score: Score, time: int) -> Played:
        """Play something to see it again: once for all tests that it is asked for."""
        if (score, time) not in self._seen:
            self._seen[score, time] = self._play(score)
        return self._seen[score, time]
