"""How a race ended for each participant, and what has to hold of all of them.

Each assertion is named after what it rules out, and says who read and wrote where when it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, overload

from test_harness.application import exchanges
from test_harness.errors import first_line
from test_harness.known import Seen
from test_harness.lock.callers import raised_at
from test_harness.watch.race_meeting import Meeting, Participant, Step, trouble_of

SHOWN_PARTICIPANTS = 4
REFUSED_FROM, FAILED_FROM = 400, 500


@dataclass(frozen=True)
class Outcome:
    """What one participant got.

    Args:
        number: Which one, from 0.
        value: What its call returned, such as a response; None after an error.
        error: What its call raised.
    """

    number: int
    value: Any = None
    error: BaseException | None = None

    @property
    def status(self) -> int | None:
        """The status of a response, None where it is none."""
        status = getattr(self.value, "status_code", None)
        return status if isinstance(status, int) else None

    @property
    def succeeded(self) -> bool:
        """Whether it got what it asked for: no error, and no response that refuses."""
        return self.error is None and (self.status or 0) < REFUSED_FROM

    def __str__(self) -> str:
        if self.error is not None:
            trouble = trouble_of(getattr(self.error, "orig", self.error))
            place = raised_at(self.error)
            said = f"{type(self.error).__name__}: {first_line(self.error)}"
            return f"ended in {f'{trouble}, ' if trouble else ''}{said}{place and f' ({place})'}"
        if self.status is not None:
            return f"was answered {self.status}"
        return f"returned {self.value!r:.80}"


class Outcomes(Sequence[Outcome]):
    """The outcomes of a race, in the order of the participants.

    Args:
        outcomes: One for each participant.
        meeting: Where they met.
    """

    def __init__(self, outcomes: Sequence[Outcome], meeting: Meeting) -> None:
        self._outcomes = list(outcomes)
        self._participants = meeting.participants
        self.absent: dict[int, Step | None] = meeting.absent
        """Who kept or was kept from meeting the others, and the statement it was held up at."""

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | Sequence[Outcome]:
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    @property
    def won(self) -> list[Outcome]:
        """Those that got what they asked for."""
        return [one for one in self if one.succeeded]

    @property
    def lost(self) -> list[Outcome]:
        """Those that were refused, or ended in an error."""
        return [one for one in self if not one.succeeded]

    @property
    def values(self) -> list[Any]:
        """What the calls returned, in order; where one did not succeed, the race fails."""
        __tracebackhide__ = True
        self.assert_all_won()
        return [one.value for one in self]

    def assert_all_won(self) -> None:
        """Check that nobody is refused, for what has no reason to collide."""
        __tracebackhide__ = True
        self.assert_no_deadlock()
        if self.lost:
            self._fail(
                f"{len(self.lost)} of {len(self)} that did the same at once did not get it, and "
                "none had to be refused",
                "Have each transaction touch rows of its own, and take numbers from the database",
            )

    def assert_one_won(
        self, refused: type[BaseException] | tuple[type[BaseException], ...] = ()
    ) -> Outcome:
        """Check that one got what all wanted and the others were refused cleanly; return that one.

        Args:
            refused: Errors that are a clean refusal, for calls that are no requests.
        """
        __tracebackhide__ = True
        self.assert_refused_cleanly(refused)
        if len(self.won) != 1:
            self._fail(
                f"{len(self.won)} of {len(self)} got what only one of them can have",
                "Have the database refuse the second one, by a unique constraint or a version, "
                "and answer that with 409",
            )
        return self.won[0]

    def assert_refused_cleanly(
        self, refused: type[BaseException] | tuple[type[BaseException], ...] = ()
    ) -> None:
        """Check that whoever was refused was told so, not given an error of the server.

        Args:
            refused: Errors that are a clean refusal, for calls that are no requests.
        """
        __tracebackhide__ = True
        self.assert_no_deadlock()
        for one in self.lost:
            if one.error is not None and not isinstance(one.error, refused):
                self._fail(
                    f"participant {one.number} {one}, where the others were at the same place",
                    "Have the application catch what the database refuses, roll back, and answer "
                    "409 or as if it had seen the row before",
                    one,
                )
            if (one.status or 0) >= FAILED_FROM:
                self._fail(
                    f"participant {one.number} {one}, which is no refusal",
                    "Have the application catch what the database refuses, and answer 409",
                    one,
                )

    def assert_none_lost(self, before: Any, after: Any, each: Any = 1) -> None:
        """Check that a counter or a balance has moved by as much as all that succeeded moved it.

        Args:
            before: The value before the race.
            after: The value after it.
            each: By how much each participant moves it.
        """
        __tracebackhide__ = True
        self.assert_no_deadlock()
        expected = before + each * len(self.won)
        if after != expected:
            self._fail(
                f"a lost update: {len(self.won)} of {len(self)} succeeded, and the value went from "
                f"{before} to {after}, not to {expected}",
                "Change it in one statement (`SET value = value + 1`), read it with "
                "`with_for_update()`, or give the model a `version_id_col`",
            )

    def assert_made(self, count: int, expected: int = 1) -> None:
        """Check that what was submitted several times was done as often as it should be.

        Args:
            count: How many rows, mails or payments there are after the race.
            expected: How many there should be.
        """
        __tracebackhide__ = True
        if count != expected:
            self._fail(
                f"a double submit: {len(self)} submits at once made {count}, not {expected}",
                "Give what is submitted a key that a unique constraint holds, and treat its "
                "violation as a submit that has been seen before",
            )

    def assert_same_answer(self, key: Callable[[Any], Hashable]) -> Any:
        """Check that all that succeeded got the same, as one idempotency key has it.

        Args:
            key: Returns of a value what has to be the same, such as the id of a payment.
        """
        __tracebackhide__ = True
        self.assert_refused_cleanly()
        answers = {key(one.value) for one in self.won}
        if len(answers) != 1:
            self._fail(
                f"one idempotency key gave {len(answers)} answers: "
                f"{', '.join(sorted(map(repr, answers)))}",
                "Insert the key under a unique constraint before the work, in its transaction, and "
                "answer from what is stored where it is there already",
            )
        return answers.pop()

    def assert_unique(self, key: Callable[[Any], Hashable]) -> list[Any]:
        """Check that all succeeded and nobody got what another one has; return what they got.

        Args:
            key: Returns of a value what must be nobody else's, such as the id of a new row.
        """
        __tracebackhide__ = True
        keys = [key(value) for value in self.values]
        twice = [one for one in dict.fromkeys(keys) if keys.count(one) > 1]
        if twice:
            self._fail(
                f"{len(self)} creates at once share {', '.join(map(repr, twice))}",
                "Have the database give the number (a sequence, AUTO_INCREMENT), or a UUID, in "
                "place of `max(id) + 1` or a count",
            )
        return keys

    def assert_not_blocked(self) -> None:
        """Check that all succeeded and no read waited for another, in a race that met at reads."""
        __tracebackhide__ = True
        self.assert_all_won()
        held_up = {number: step for number, step in self.absent.items() if step is not None}
        for number, step in held_up.items():
            self._fail(
                f"a read that blocks others: participant {number} could not go on at {step} while "
                "another one that had read was not done yet",
                "Read without `with_for_update()`, LOCK and BEGIN IMMEDIATE where nothing is "
                "written, and on SQLite in WAL mode",
            )

    def assert_no_deadlock(self) -> None:
        """Check that nobody failed because two held what the other one needed."""
        __tracebackhide__ = True
        for one in self.lost:
            troubles = self._participants[one.number].troubles
            if troubles:
                self._fail(
                    f"participant {one.number} ended in {troubles[-1]}",
                    "Have every transaction lock rows in one order (by their id), keep it short, "
                    "and begin it anew when the database ends it",
                )

    def _fail(self, problem: str, fix: str, guilty: Outcome | None = None) -> NoReturn:
        __tracebackhide__ = True
        told = [self._told(one) for one in self[:SHOWN_PARTICIPANTS]]
        more = len(self) - len(told)
        told += [f"  and {more} more"] if more > 0 else []
        failure = AssertionError(f"{problem}.\n  Fix: {fix}.\n" + "\n".join(told))
        # Whoever was answered last may have won, which is not what is wrong.
        error = guilty.error if guilty else None
        if guilty is not None and error is None:
            failure.response = guilty.value  # type: ignore[attr-defined]
        elif error is not None and (last := exchanges.latest()):
            seen = Seen.of_exception(error, last.route, raised_at(error) or last.line)
            failure.seen = seen  # type: ignore[attr-defined]
        raise failure

    def _told(self, outcome: Outcome) -> str:
        steps = _ends_of(self._participants[outcome.number])
        return f"  participant {outcome.number} {outcome}" + "".join(
            f"\n    {step.kind} at {step}" for step in steps
        )


def _ends_of(participant: Participant) -> list[Step]:
    """Return what a participant read last before it first wrote, and what it wrote first."""
    steps = participant.steps
    place = next((place for place, step in enumerate(steps) if step.kind == "write"), None)
    if place is None:
        return steps[-1:]
    reads = [step for step in steps[:place] if step.kind == "read"]
    return [*reads[-1:], steps[place]]
