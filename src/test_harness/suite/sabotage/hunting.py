"""Plants one fault after the other, and sees which test notices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from test_harness.suite.sabotage.fault import Fault

CAUGHT, SURVIVED, UNREACHED, BROKEN = "caught", "survived", "unreached", "broken"


@dataclass(frozen=True)
class Verdict:
    """What came of a fault.

    Args:
        fault: What was planted.
        end: `caught`; `survived`; `unreached`, where no test comes by; `broken`, where the
            application does not start with it, which tells nothing.
        by: The tests that failed.
        tried: How many tests were to run.
    """

    fault: Fault
    end: str
    by: tuple[str, ...] = ()
    tried: int = 0

    @property
    def is_unnoticed(self) -> bool:
        """Whether nobody would have noticed."""
        return self.end in {SURVIVED, UNREACHED}


def hunt(
    faults: Sequence[Fault],
    tests_for: Callable[[Fault], tuple[str, ...]],
    play: Callable[[Fault, tuple[str, ...]], Mapping[str, bool] | None],
    seconds: float,
) -> Iterator[Verdict]:
    """Yield what came of each fault, as long as there is time.

    Args:
        faults: What is planted, in this order.
        tests_for: Returns the tests that may notice.
        play: Runs tests with a fault, and returns which of them failed; None where the
            application did not come to them.
        seconds: After how many no further fault is begun; 0 is for as long as it takes.
    """
    began = time.monotonic()
    for fault in faults:
        tests = tests_for(fault)
        if not tests:
            yield Verdict(fault, UNREACHED)
            continue
        if seconds and time.monotonic() - began > seconds:
            return
        failed = play(fault, tests)
        if failed is None:
            yield Verdict(fault, BROKEN, tried=len(tests))
            continue
        by = tuple(name for name, it in failed.items() if it)
        yield Verdict(fault, CAUGHT if by else SURVIVED, by, len(tests))
